metadata description = 'A function app that can run the IMAP trigger: plan, storage, mailbox password, monitoring. See docs/deploy.md.'

@description('The function app\'s name. Progress is kept under this name; the host tells apps apart by the first 32 characters.')
@minLength(2)
@maxLength(32)
param name string = 'imap-${uniqueString(resourceGroup().id)}'

@description('Where all of it lies.')
param location string = resourceGroup().location

@description('The plan. Consumption plans cannot run this trigger: docs/scaling.md.')
@allowed(['Dedicated', 'ElasticPremium'])
param plan string = 'Dedicated'

@description('The size of a Dedicated plan. Slots need P0v3 or larger.')
@allowed(['B1', 'B2', 'B3', 'P0v3', 'P1v3', 'P2v3'])
param dedicatedSize string = 'B1'

@description('Instances that always run. With two, the second takes over within seconds when one dies.')
@minValue(1)
@maxValue(10)
param instances int = 1

@description('Elastic Premium: how many instances it may scale out to.')
@minValue(1)
@maxValue(20)
param maxInstances int = 3

@description('The language of your functions.')
@allowed(['dotnet-isolated', 'node', 'python'])
param workerRuntime string = 'dotnet-isolated'

@description('The version of the language; for .NET the target framework of your project. The default is that of the sample.')
param workerVersion string = { 'dotnet-isolated': '10.0', node: '22', python: '3.12' }[workerRuntime]

@description('The IMAP server, such as imap.example.org.')
param mailHost string

@description('The user name at the IMAP server, mostly the whole address.')
param mailUserName string

@description('The password at the IMAP server, mostly an app password. It goes into the Key Vault, not into the app settings.')
@secure()
param mailPassword string

@description('More app settings without secrets, such as Imap__port. A deployment replaces all app settings, so those of your functions belong here.')
param moreSettings object = {}

@description('Days after which poisoned messages are deleted.')
@minValue(1)
@maxValue(3650)
param poisonDays int = 30

@description('Resource id of the action group that is told by both alerts. Without one they only show in the portal.')
param actionGroupId string = ''

var elastic = plan == 'ElasticPremium'
var keyVaultSecretsUser = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4633458b-17de-408a-b874-0445c86b69e6')

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: name
  location: location
}

module storage 'storage.bicep' = {
  params: {
    name: 'st${uniqueString(resourceGroup().id, name)}'
    location: location
    principalId: identity.properties.principalId
    poisonDays: poisonDays
  }
}

module monitoring 'monitoring.bicep' = {
  params: {
    name: name
    location: location
    principalId: identity.properties.principalId
    actionGroupId: actionGroupId
  }
}

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: 'kv-${uniqueString(resourceGroup().id, name)}'
  location: location
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
  }

  resource password 'secrets' = {
    name: 'mail-password'
    properties: { value: mailPassword }
  }
}

resource passwordReader 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault::password.id, identity.id, keyVaultSecretsUser)
  scope: vault::password
  properties: { principalId: identity.properties.principalId, principalType: 'ServicePrincipal', roleDefinitionId: keyVaultSecretsUser }
}

resource hostingPlan 'Microsoft.Web/serverfarms@2023-12-01' = {
  name: name
  location: location
  kind: elastic ? 'elastic' : 'linux'
  sku: elastic ? { name: 'EP1', tier: 'ElasticPremium', capacity: instances } : { name: dedicatedSize, capacity: instances }
  properties: { reserved: true, maximumElasticWorkerCount: elastic ? max(instances, maxInstances) : null }
}

resource app 'Microsoft.Web/sites@2023-12-01' = {
  name: name
  location: location
  kind: 'functionapp,linux'
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identity.id}': {} } }
  properties: {
    serverFarmId: hostingPlan.id
    httpsOnly: true
    clientAffinityEnabled: false
    keyVaultReferenceIdentity: identity.id
    siteConfig: {
      linuxFxVersion: '${toUpper(workerRuntime)}|${workerVersion}'
      // Both keep an instance: nobody else could wake an app whose trigger is not known to the scale controller.
      alwaysOn: !elastic
      minimumElasticInstanceCount: elastic ? instances : null
      functionsRuntimeScaleMonitoringEnabled: elastic
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
    }
  }

  resource settings 'config' = {
    name: 'appsettings'
    properties: {
      ...moreSettings
      FUNCTIONS_EXTENSION_VERSION: '~4'
      FUNCTIONS_WORKER_RUNTIME: workerRuntime
      AzureWebJobsStorage__blobServiceUri: storage.outputs.endpoints.blob
      AzureWebJobsStorage__queueServiceUri: storage.outputs.endpoints.queue
      AzureWebJobsStorage__tableServiceUri: storage.outputs.endpoints.table
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identity.properties.clientId
      // A content share (WEBSITE_CONTENTAZUREFILECONNECTIONSTRING) would need the account's key; a package in a container does not, on both plans.
      WEBSITE_RUN_FROM_PACKAGE: storage.outputs.packageUrl
      WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID: identity.id
      APPLICATIONINSIGHTS_CONNECTION_STRING: monitoring.outputs.connectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'Authorization=AAD;ClientId=${identity.properties.clientId}'
      Imap__host: mailHost
      Imap__userName: mailUserName
      Imap__password: '@Microsoft.KeyVault(SecretUri=${vault::password.properties.secretUri})'
    }
    dependsOn: [passwordReader] // or the reference is resolved too early, and its text taken for the password
  }

  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }
}

@description('For az functionapp restart and the like.')
output appName string = app.name
output appId string = app.id

@description('Where the package is to be uploaded.')
output storageAccount string = storage.outputs.name
output packageContainer string = storage.outputs.packageContainer
output packageName string = storage.outputs.packageName

output keyVault string = vault.name
output workspaceId string = monitoring.outputs.workspaceId
output workbookId string = monitoring.outputs.workbookId
