//===- LayoutInterface.td - How a parameter is packed ------*- tablegen -*-===//

#ifndef PROGRAM_LAYOUTS_LAYOUTINTERFACE_TD
#define PROGRAM_LAYOUTS_LAYOUTINTERFACE_TD

include "mlir/IR/Interfaces.td"

def Program_LayoutAttrInterface : AttrInterface<"LayoutAttrInterface"> {
  let cppNamespace = "::weft::program";
  let description = [{
    How the bytes of model parameters are laid out in the artifact. The packer of
    the same name (`compiler/codegen/common/packing`) writes them, emitters read
    them.
  }];
  let methods = [
    InterfaceMethod<"Size of the packed parameter in bytes.",
      "int64_t", "getBytes">,
  ];
}

#endif // PROGRAM_LAYOUTS_LAYOUTINTERFACE_TD
