#!/usr/bin/env bash
# Gives the operator an identity of its own in Azure, and that identity the rights that it needs, by the Azure CLI. It can
# be run again: what is there already is left as it is, or brought to what is said here.
#
#   SUBSCRIPTION        id of the subscription that all of this lies in
#   OPERATOR_GROUP      resource group for the operator's identity
#   LOCATION            region for it, such as westeurope
#   ISSUER              OIDC issuer of the cluster: az aks show --query oidcIssuerProfile.issuerUrl --output tsv …
#   SCALE_SET_GROUPS    resource groups of the scale sets, separated by spaces; with AKS the node resource group (MC_…)
#   IDENTITY_GROUPS     resource groups of the identities that may be attached, separated by spaces
#   CLOUD               public (default), usgov or china
#
# Of whoever runs it this takes Microsoft.Authorization/roleDefinitions/write and roleAssignments/write at these scopes
# (Owner, or User Access Administrator) and Managed Identity Contributor in OPERATOR_GROUP.
set -euo pipefail

: "${SUBSCRIPTION:?}" "${OPERATOR_GROUP:?}" "${LOCATION:?}" "${ISSUER:?}" "${SCALE_SET_GROUPS:?}" "${IDENTITY_GROUPS:?}"

case "${CLOUD:-public}" in
  public) audience=api://AzureADTokenExchange ;;
  usgov) audience=api://AzureADTokenExchangeUSGov ;;
  china) audience=api://AzureADTokenExchangeChina ;;
  *) echo "CLOUD is public, usgov or china" >&2 && exit 2 ;;
esac

name=vmss-identity-operator
subject=system:serviceaccount:vmss-identity-system:vmss-identity-operator
scale_set_role='VMSS Identity Operator'
# Managed Identity Operator, built in.
identity_role=f1a07417-d97a-45cb-824c-7a7467783830
here=$(cd "$(dirname "$0")" && pwd)

az account set --subscription "$SUBSCRIPTION"

az identity create --name "$name" --resource-group "$OPERATOR_GROUP" --location "$LOCATION" --output none
principal=$(az identity show --name "$name" --resource-group "$OPERATOR_GROUP" --query principalId --output tsv)
client=$(az identity show --name "$name" --resource-group "$OPERATOR_GROUP" --query clientId --output tsv)

az identity federated-credential create --name "$name" --identity-name "$name" --resource-group "$OPERATOR_GROUP" \
  --issuer "$ISSUER" --subject "$subject" --audiences "$audience" --output none

definition=$(sed "s/00000000-0000-0000-0000-000000000000/$SUBSCRIPTION/" "$here/scale-set-role.json")
if [ -z "$(az role definition list --custom-role-only true --name "$scale_set_role" --query '[].name' --output tsv)" ]; then
  az role definition create --role-definition "$definition" --output none
else
  az role definition update --role-definition "$definition" --output none
fi

grant() {
  az role assignment create --assignee-object-id "$principal" --assignee-principal-type ServicePrincipal \
    --role "$1" --scope "/subscriptions/$SUBSCRIPTION/resourceGroups/$2" --output none
}
for group in $SCALE_SET_GROUPS; do grant "$scale_set_role" "$group"; done
for group in $IDENTITY_GROUPS; do grant "$identity_role" "$group"; done

echo "client id: $client"
