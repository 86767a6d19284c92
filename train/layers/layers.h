// All layers.
#pragma once

#include "train/layers/activation.h"
#include "train/layers/attention.h"
#include "train/layers/augmentation.h"
#include "train/layers/borders.h"
#include "train/layers/convolution.h"
#include "train/layers/dense.h"
#include "train/layers/depthwise.h"
#include "train/layers/embedding.h"
#include "train/layers/masking.h"
#include "train/layers/merging.h"
#include "train/layers/normalization.h"
#include "train/layers/pooling.h"
#include "train/layers/recurrent.h"
#include "train/layers/regularization.h"
#include "train/layers/shape.h"
#include "train/layers/up_sampling.h"
