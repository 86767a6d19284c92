// Differentiation.
#pragma once

#include "autodiff/grad.h"
