// All operations.
#pragma once

#include "ops/activation.h"
#include "ops/create.h"
#include "ops/elementwise.h"
#include "ops/gather.h"
#include "ops/loss.h"
#include "ops/matmul.h"
#include "ops/nn/dense.h"
#include "ops/nn/initialize.h"
#include "ops/optim/sgd.h"
#include "ops/random.h"
#include "ops/reduce.h"
#include "ops/view.h"
