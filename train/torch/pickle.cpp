// See pickle.h.
#include "train/torch/pickle.h"

#include <fmt/format.h>

#include <bit>

#include "train/torch/pickle_machine.h"

namespace hekla::torch {

namespace {

constexpr std::uint64_t latest_protocol = 5;

// Returns whether another operation follows. The comments are the names of pickletools.
bool step(PickleMachine& machine, unsigned char operation) {
  switch (operation) {
    case 0x80:  // PROTO
      if (const std::uint64_t protocol = machine.number(1); protocol < 2 || protocol > latest_protocol)
        machine.fail(fmt::format("is of pickle protocol {}; 2 to {} are read.", protocol, latest_protocol));
      break;
    case 0x95:  // FRAME
      if (machine.number(8) > machine.left()) machine.damaged("a frame is longer than what follows");
      break;
    case '.':  // STOP
      return false;
    case '(':  // MARK
      machine.mark();
      break;
    case '0':  // POP
      machine.pop();
      break;
    case '1':  // POP_MARK
      machine.pop_to_mark();
      break;
    case 'N':  // NONE
      machine.push(PickleKind::none);
      break;
    case 0x88:  // NEWTRUE
    case 0x89:  // NEWFALSE
      machine.push_integer(operation == 0x88, PickleKind::boolean);
      break;
    case 'K':  // BININT1
      machine.push_integer(static_cast<std::int64_t>(machine.number(1)));
      break;
    case 'M':  // BININT2
      machine.push_integer(static_cast<std::int64_t>(machine.number(2)));
      break;
    case 'J':  // BININT
      machine.push_integer(static_cast<std::int32_t>(machine.number(4)));
      break;
    case 0x8a:  // LONG1
      machine.push_long(machine.number(1));
      break;
    case 0x8b:  // LONG4
      machine.push_long(machine.number(4));
      break;
    case 'G': {  // BINFLOAT, big-endian
      std::uint64_t bits = 0;
      for (const std::byte byte : machine.take(8)) bits = bits << 8 | std::to_integer<std::uint64_t>(byte);
      machine.push_real(std::bit_cast<double>(bits));
      break;
    }
    case 0x8c:  // SHORT_BINUNICODE
      machine.push_text(machine.number(1));
      break;
    case 'X':  // BINUNICODE
      machine.push_text(machine.number(4));
      break;
    case 0x8d:  // BINUNICODE8
      machine.push_text(machine.number(8));
      break;
    case ']':  // EMPTY_LIST
      machine.push(PickleKind::list);
      break;
    case '}':  // EMPTY_DICT
      machine.push(PickleKind::dict);
      break;
    case ')':  // EMPTY_TUPLE
      machine.push(PickleKind::tuple);
      break;
    case 't':  // TUPLE
      machine.push_tuple(machine.pop_to_mark());
      break;
    case 0x85:  // TUPLE1
    case 0x86:  // TUPLE2
    case 0x87:  // TUPLE3
      machine.push_tuple(machine.pop_last(operation - 0x84u));
      break;
    case 'a':  // APPEND
      machine.extend(PickleKind::list, machine.pop_last(1));
      break;
    case 'e':  // APPENDS
      machine.extend(PickleKind::list, machine.pop_to_mark());
      break;
    case 's':  // SETITEM
      machine.extend(PickleKind::dict, machine.pop_last(2));
      break;
    case 'u':  // SETITEMS
      machine.extend(PickleKind::dict, machine.pop_to_mark());
      break;
    case 'c': {  // GLOBAL
      const std::string module = machine.line(), name = machine.line();
      machine.push_global(module, name);
      break;
    }
    case 0x93:  // STACK_GLOBAL
      machine.push_named_global();
      break;
    case 'R':  // REDUCE
      machine.reduce();
      break;
    case 'b':  // BUILD
      machine.build();
      break;
    case 'Q':  // BINPERSID
      machine.push_persistent();
      break;
    case 'q':  // BINPUT
      machine.remember(machine.number(1));
      break;
    case 'r':  // LONG_BINPUT
      machine.remember(machine.number(4));
      break;
    case 0x94:  // MEMOIZE
      machine.remember_next();
      break;
    case 'h':  // BINGET
      machine.recall(machine.number(1));
      break;
    case 'j':  // LONG_BINGET
      machine.recall(machine.number(4));
      break;
    default:
      machine.fail(fmt::format(
          "has the pickle operation {:#04x} at byte {}, which no state dict needs; it is damaged or holds "
          "other objects. In Python, load it and save its tensors.",
          operation, machine.position() - 1));
  }
  return true;
}

}  // namespace

Pickle read_pickle(const files::Source& source, std::span<const std::byte> bytes,
                   bool (*is_known)(std::string_view)) {
  PickleMachine machine(source, bytes, is_known);
  while (step(machine, static_cast<unsigned char>(machine.take(1)[0]))) {
  }
  return machine.finish();
}

}  // namespace hekla::torch
