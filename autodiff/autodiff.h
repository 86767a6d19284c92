// Differentiation.
#pragma once

#include "autodiff/checkpoint.h"
#include "autodiff/forward.h"
#include "autodiff/grad.h"
#include "autodiff/jacobian.h"
