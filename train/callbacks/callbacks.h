// All callbacks.
#pragma once

#include "train/callbacks/callback.h"
#include "train/callbacks/callback_state.h"
#include "train/callbacks/csv_logger.h"
#include "train/callbacks/early_stopping.h"
#include "train/callbacks/lambda_callback.h"
#include "train/callbacks/learning_rate.h"
#include "train/callbacks/model_checkpoint.h"
#include "train/callbacks/swap_ema_weights.h"
#include "train/callbacks/tensorboard.h"
#include "train/callbacks/terminate_on_nan.h"
