// A user's own header with the name of one of hekla's: neither may shadow the other.
#pragma once

constexpr int sides_of_a_square = 4;
