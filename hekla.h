// The umbrella header: everything a user of hekla needs.
#pragma once

#include "autodiff/autodiff.h"
#include "autodiff/check_op.h"
#include "backends/device.h"
#include "graph/error.h"
#include "graph/evaluator.h"
#include "graph/print.h"
#include "graph/program.h"
#include "graph/tensor.h"
#include "ops/ops.h"
#include "train/batches.h"
#include "train/data/split.h"
#include "train/fashion_mnist.h"
#include "train/files/atomic_file.h"
#include "train/files/event_file.h"
#include "train/files/npy.h"
#include "train/files/safetensors.h"
#include "train/labeled_images.h"
#include "train/mnist.h"
#include "train/pass.h"
#include "train/progress.h"
#include "train/running_metrics.h"
#include "train/shuffle.h"

namespace hk = hekla;
