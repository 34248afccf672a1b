metadata description = 'The storage account: reached by identity only, for the host, the trigger\'s state and the app\'s package.'

param name string
param location string

@description('The app\'s identity.')
param principalId string
param poisonDays int

var package = 'app.zip'
var blobDataOwner = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b')
var blobDataContributor = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'ba92f5b4-2d11-453d-a403-e96b0029c9fe')
var tableDataContributor = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3')

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: name
  location: location
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: {
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }

  resource blobs 'blobServices' = {
    name: 'default'

    resource state 'containers' = {
      name: 'imap-trigger'
    }

    resource packages 'containers' = {
      name: 'packages'
    }
  }

  // Below poison/ alone: a cursor may lie unchanged for months, and without it mail would be lost.
  resource lifecycle 'managementPolicies' = {
    name: 'default'
    properties: {
      policy: {
        rules: [
          {
            name: 'poison'
            type: 'Lifecycle'
            definition: {
              filters: {
                blobTypes: ['blockBlob']
                prefixMatch: ['${blobs::state.name}/poison/']
              }
              actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: poisonDays } } }
            }
          }
        ]
      }
    }
  }
}

// What Microsoft asks for the host, on the account because it makes its own containers; the trigger itself needs less, and has it by that.
resource hostBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, principalId, blobDataOwner)
  scope: account
  properties: { principalId: principalId, principalType: 'ServicePrincipal', roleDefinitionId: blobDataOwner }
}

// The host's diagnostic events and the samples of runtime scale monitoring are tables.
resource hostTables 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, principalId, tableDataContributor)
  scope: account
  properties: { principalId: principalId, principalType: 'ServicePrincipal', roleDefinitionId: tableDataContributor }
}

// Whoever deploys uploads the package as well: there is no key to do it with.
resource publisher 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account::blobs::packages.id, deployer().objectId, blobDataContributor)
  scope: account::blobs::packages
  properties: { principalId: deployer().objectId, roleDefinitionId: blobDataContributor }
}

output name string = account.name
output endpoints object = account.properties.primaryEndpoints
output packageContainer string = account::blobs::packages.name
output packageName string = package
output packageUrl string = '${account.properties.primaryEndpoints.blob}${account::blobs::packages.name}/${package}'
