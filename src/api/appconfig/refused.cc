// AppConfig's operations that this server does not have yet: known, routed, and refused plainly.
#include "api/appconfig/groups.h"

namespace tidegate::api::appconfig {
namespace {

using http::Method;

constexpr wire::Row row(std::string_view name, Method method, std::string_view uri) {
  return wire::Row{name, method, uri, 501, nullptr, nullptr, ""};
}

constexpr wire::Row kRefused[] = {
    row("CreateExtension", Method::post, "/extensions"),
    row("GetExtension", Method::get, "/extensions/{ExtensionIdentifier}"),
    row("UpdateExtension", Method::patch, "/extensions/{ExtensionIdentifier}"),
    row("DeleteExtension", Method::delete_, "/extensions/{ExtensionIdentifier}"),
    row("ListExtensions", Method::get, "/extensions"),
    row("CreateExtensionAssociation", Method::post, "/extensionassociations"),
    row("GetExtensionAssociation", Method::get, "/extensionassociations/{ExtensionAssociationId}"),
    row("UpdateExtensionAssociation", Method::patch,
        "/extensionassociations/{ExtensionAssociationId}"),
    row("DeleteExtensionAssociation", Method::delete_,
        "/extensionassociations/{ExtensionAssociationId}"),
    row("ListExtensionAssociations", Method::get, "/extensionassociations"),
};

}  // namespace

void mount_refused(wire::Table& table) {
  for (const wire::Row& r : kRefused) table.refuse(r);
}

}  // namespace tidegate::api::appconfig
