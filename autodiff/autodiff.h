// Differentiation.
#pragma once

#include "autodiff/checkpoint.h"
#include "autodiff/custom_gradient.h"
#include "autodiff/forward.h"
#include "autodiff/grad.h"
#include "autodiff/identity.h"
#include "autodiff/jacobian.h"
