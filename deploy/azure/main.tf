# The operator's identity in Azure, and the rights that it needs.
# For US Government: audience = "api://AzureADTokenExchangeUSGov", and environment = "usgovernment" of the provider;
# for China: audience = "api://AzureADTokenExchangeChina", and environment = "china".

terraform {
  required_version = ">= 1.5"
  required_providers {
    azurerm = {
      source = "hashicorp/azurerm"
      # Federated credentials have user_assigned_identity_id from there on.
      version = ">= 4.66"
    }
  }
}

variable "operator_group" {
  description = "Name of the resource group for the operator's identity."
  type        = string
}

variable "issuer" {
  description = "OIDC issuer of the cluster, such as azurerm_kubernetes_cluster.this.oidc_issuer_url."
  type        = string
}

variable "audience" {
  description = "Audience of the operator's service account token; another one in each cloud."
  type        = string
  default     = "api://AzureADTokenExchange"

  validation {
    condition = contains([
      "api://AzureADTokenExchange",
      "api://AzureADTokenExchangeUSGov",
      "api://AzureADTokenExchangeChina",
    ], var.audience)
    error_message = "The audience is that of the public cloud, of US Government or of China."
  }
}

variable "scale_set_groups" {
  description = "Names of the resource groups of the scale sets; with AKS the node resource group (MC_…)."
  type        = set(string)
}

variable "identity_groups" {
  description = "Names of the resource groups of the identities that may be attached."
  type        = set(string)
}

data "azurerm_subscription" "current" {}

data "azurerm_resource_group" "operator" {
  name = var.operator_group
}

data "azurerm_resource_group" "scale_sets" {
  for_each = var.scale_set_groups
  name     = each.value
}

data "azurerm_resource_group" "identities" {
  for_each = var.identity_groups
  name     = each.value
}

resource "azurerm_user_assigned_identity" "operator" {
  name                = "vmss-identity-operator"
  location            = data.azurerm_resource_group.operator.location
  resource_group_name = data.azurerm_resource_group.operator.name
}

resource "azurerm_federated_identity_credential" "operator" {
  name                      = "vmss-identity-operator"
  user_assigned_identity_id = azurerm_user_assigned_identity.operator.id
  issuer                    = var.issuer
  subject                   = "system:serviceaccount:vmss-identity-system:vmss-identity-operator"
  audience                  = [var.audience]
}

resource "azurerm_role_definition" "scale_sets" {
  name        = "VMSS Identity Operator"
  description = "Reads virtual machine scale sets and changes them, and asks what it may do itself. For vmss-identity-operator."
  scope       = data.azurerm_subscription.current.id

  permissions {
    actions = [
      "Microsoft.Compute/virtualMachineScaleSets/read",
      "Microsoft.Compute/virtualMachineScaleSets/write",
      "Microsoft.Authorization/permissions/read",
    ]
  }

  assignable_scopes = [data.azurerm_subscription.current.id]
}

resource "azurerm_role_assignment" "scale_sets" {
  for_each           = data.azurerm_resource_group.scale_sets
  scope              = each.value.id
  role_definition_id = azurerm_role_definition.scale_sets.role_definition_resource_id
  principal_id       = azurerm_user_assigned_identity.operator.principal_id
  principal_type     = "ServicePrincipal"
}

resource "azurerm_role_assignment" "identities" {
  for_each = data.azurerm_resource_group.identities
  scope    = each.value.id
  # Managed Identity Operator, built in.
  role_definition_id = "/providers/Microsoft.Authorization/roleDefinitions/f1a07417-d97a-45cb-824c-7a7467783830"
  principal_id       = azurerm_user_assigned_identity.operator.principal_id
  principal_type     = "ServicePrincipal"
}

output "client_id" {
  description = "For the annotation azure.workload.identity/client-id of the service account."
  value       = azurerm_user_assigned_identity.operator.client_id
}
