"""gdb shows hekla's tensors, shapes and dtypes:

    (gdb) source scripts/gdb_hekla.py
    (gdb) p x
    $1 = weights f32[2,3] data {1, 2, 3, 4, 5, 6}

A tensor is shown as its label, dtype, shape and operation, with its first elements where they lie in host memory or are
a constant. Memory alone is read: nothing is called in the program, so a core file will do.
"""
import gdb
import gdb.printing

FIRST = 8  # elements shown
DTYPES = ["f32", "i32", "u32", "u8", "bool", "f16", "bf16"]  # the order of enum class DType
FORMATS = ["double", "float", "int", "unsigned int", "unsigned char"]  # of enum class HostArray::Format


def text(value):
    """Of a std::string or a std::string_view."""
    if value.type.strip_typedefs().tag.startswith("std::basic_string_view"):
        return value["_M_str"].string(length=int(value["_M_len"]))
    return value["_M_dataplus"]["_M_p"].string(length=int(value["_M_string_length"]))


def name_of(dtype):
    number = int(dtype)
    return DTYPES[number] if number < len(DTYPES) else "DType(%d)" % number


def sizes_of(shape):
    return [int(shape["sizes_"]["_M_elems"][axis]) for axis in range(int(shape["rank_"]))]


def shape_text(shape):
    return "[%s]" % ",".join(map(str, sizes_of(shape)))


def listed(elements, count):
    return "{%s%s}" % (", ".join("%g" % each for each in elements), ", ..." if count > len(elements) else "")


def held_elements(node):
    """The first elements in host memory, and how many there are; None where there are none."""
    value = node["value"]["_M_ptr"]
    if not int(value):
        return None
    try:
        host = value.dereference()["host_"]["_M_ptr"]
    except gdb.error:  # the library was built without debug information
        return None
    if not int(host):
        return None
    count, kind = int(host["count_"]), FORMATS[int(host["format_"])]
    first = host["bytes_"]["_M_impl"]["_M_start"].cast(gdb.lookup_type(kind).pointer())
    return [float(first[i]) for i in range(min(count, FIRST))], count


class ShapePrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        return shape_text(self.value)


class DTypePrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        return name_of(self.value)


class TensorPrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        pointer = self.value["node_"]["_M_ptr"]
        if not int(pointer):
            return "(empty)"
        node = pointer.dereference()
        operation = text(node["op"]["name"])
        parts = [text(node["label"]), name_of(node["dtype"]) + shape_text(node["shape"]), operation]
        if operation == "constant":
            parts.append("%g" % float(node["attributes"]["number"]))
        elif held := held_elements(node):
            parts.append(listed(*held))
        return " ".join(filter(None, parts))


def printers():
    collection = gdb.printing.RegexpCollectionPrettyPrinter("hekla")
    for type_name, printer in [("Tensor", TensorPrinter), ("Shape", ShapePrinter), ("DType", DTypePrinter)]:
        collection.add_printer(type_name, "^hekla::%s$" % type_name, printer)
    return collection


gdb.printing.register_pretty_printer(None, printers(), replace=True)
