// The operator's identity, as which its service account signs in.
param location string = resourceGroup().location
param issuer string
param audience string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'vmss-identity-operator'
  location: location
}

resource credential 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@2023-01-31' = {
  parent: identity
  name: 'vmss-identity-operator'
  properties: {
    issuer: issuer
    subject: 'system:serviceaccount:vmss-identity-system:vmss-identity-operator'
    audiences: [
      audience
    ]
  }
}

output principalId string = identity.properties.principalId
output clientId string = identity.properties.clientId
