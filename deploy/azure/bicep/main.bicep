// The operator's identity in Azure, and the rights that it needs:
//   az deployment sub create --location <region> --template-file main.bicep --parameters operatorGroup=… issuer=…
//     scaleSetGroups='["…"]' identityGroups='["…"]'
// For US Government audience=api://AzureADTokenExchangeUSGov, for China audience=api://AzureADTokenExchangeChina.
targetScope = 'subscription'

@description('Name of the resource group for the operator\'s identity.')
param operatorGroup string

@description('OIDC issuer of the cluster: oidcIssuerProfile.issuerURL of the managed cluster.')
param issuer string

@description('Audience of the operator\'s service account token; another one in each cloud.')
@allowed([
  'api://AzureADTokenExchange'
  'api://AzureADTokenExchangeUSGov'
  'api://AzureADTokenExchangeChina'
])
param audience string = 'api://AzureADTokenExchange'

@description('Names of the resource groups of the scale sets; with AKS the node resource group (MC_…).')
param scaleSetGroups array

@description('Names of the resource groups of the identities that may be attached.')
param identityGroups array

// Managed Identity Operator, built in.
var identityRole = 'f1a07417-d97a-45cb-824c-7a7467783830'

module operator 'identity.bicep' = {
  name: 'vmss-identity-operator'
  scope: resourceGroup(operatorGroup)
  params: {
    issuer: issuer
    audience: audience
  }
}

resource scaleSetRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, 'VMSS Identity Operator')
  properties: {
    roleName: 'VMSS Identity Operator'
    description: 'Reads virtual machine scale sets and changes them, and asks what it may do itself. For vmss-identity-operator.'
    type: 'CustomRole'
    permissions: [
      {
        actions: [
          'Microsoft.Compute/virtualMachineScaleSets/read'
          'Microsoft.Compute/virtualMachineScaleSets/write'
          'Microsoft.Authorization/permissions/read'
        ]
      }
    ]
    assignableScopes: [
      subscription().id
    ]
  }
}

module onScaleSets 'assignment.bicep' = [for group in scaleSetGroups: {
  name: 'vmss-identity-operator-${uniqueString('scale sets', group)}'
  scope: resourceGroup(group)
  params: {
    principalId: operator.outputs.principalId
    roleDefinitionId: scaleSetRole.id
  }
}]

module onIdentities 'assignment.bicep' = [for group in identityGroups: {
  name: 'vmss-identity-operator-${uniqueString('identities', group)}'
  scope: resourceGroup(group)
  params: {
    principalId: operator.outputs.principalId
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', identityRole)
  }
}]

@description('For the annotation azure.workload.identity/client-id of the service account.')
output clientId string = operator.outputs.clientId
