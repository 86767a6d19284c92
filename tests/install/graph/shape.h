// A user's own header by the name of one of hekla's: neither may take the other's place.
#pragma once

constexpr int sides_of_a_square = 4;
