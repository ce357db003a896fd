// scan_xml: the linear look at an XML text before a tree is built from it: bounds, no DOCTYPE, sound entities.
// Internal to wire/text. Spec: XML 1.0 §2, §4.1.
#pragma once

#include "wire/text/xml_reader.h"

namespace tp::wire {

Result<void> scan_xml(BytesView text, const XmlLimits& limits);

}  // namespace tp::wire
