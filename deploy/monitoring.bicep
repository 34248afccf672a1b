metadata description = 'Logs and metrics, three alerts on them, and the workbook.'

param name string
param location string

@description('The app\'s identity.')
param principalId string
param actionGroupId string

var metricsPublisher = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '3913510d-42f4-4e42-8a64-420c390055eb')

// With OpenTelemetry the category has another name.
var notVerified = '''
AppTraces
| where coalesce(tostring(Properties.Category), tostring(Properties.CategoryName)) == 'Host.Triggers.ImapIdle'
| where tostring(Properties.EventId) == '312'
'''

// A Functions host disables a function with wrong settings and goes on: nobody else says that its mail waits.
var notStarted = '''
AppTraces
| where coalesce(tostring(Properties.Category), tostring(Properties.CategoryName)) == 'Host.Triggers.ImapIdle'
| where tostring(Properties.EventId) == '101'
'''

var owned = '''
AppMetrics
| where Name == 'imap_trigger.partitions' and Sum > 0
'''

var alerts = [
  {
    name: 'mailbox-not-verified'
    title: 'A mailbox is not verified'
    text: 'Nobody has looked at a mailbox of the app for more than twice idleRenewal. The rows name it: docs/troubleshooting.md, 312.'
    query: notVerified
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'function-not-started'
    title: 'A function is not started'
    text: 'The settings of a function are wrong, so nobody listens for it. The rows say what to change: docs/troubleshooting.md, 101.'
    query: notStarted
    operator: 'GreaterThan'
    threshold: 0
  }
  {
    name: 'nobody-listens'
    title: 'Nobody listens'
    text: 'For 30 minutes no instance has owned a partition: the app does not run, or cannot use its storage.'
    query: owned
    operator: 'LessThan'
    threshold: 1
  }
]

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: name
  location: location
  properties: { sku: { name: 'PerGB2018' }, retentionInDays: 30 }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: name
  location: location
  kind: 'web'
  properties: { Application_Type: 'web', WorkspaceResourceId: workspace.id, DisableLocalAuth: true }
}

resource publisher 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, principalId, metricsPublisher)
  scope: insights
  properties: { principalId: principalId, principalType: 'ServicePrincipal', roleDefinitionId: metricsPublisher }
}

resource rules 'Microsoft.Insights/scheduledQueryRules@2022-06-15' = [
  for alert in alerts: {
    name: '${name}-${alert.name}'
    location: location
    kind: 'LogAlert'
    properties: {
      displayName: '${name}: ${alert.title}'
      description: alert.text
      severity: 1
      scopes: [workspace.id]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT30M'
      autoMitigate: true
      skipQueryValidation: true // the tables come with the first data
      criteria: {
        allOf: [
          {
            query: alert.query
            timeAggregation: 'Count'
            operator: alert.operator
            threshold: alert.threshold
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: empty(actionGroupId) ? [] : [actionGroupId] }
    }
  }
]

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(workspace.id, 'imap-trigger')
  location: location
  kind: 'shared'
  properties: {
    displayName: '${name}: mail'
    category: 'workbook'
    sourceId: workspace.id
    serializedData: string(union(loadJsonContent('../docs/workbook.json'), { fallbackResourceIds: [workspace.id] }))
  }
}

output connectionString string = insights.properties.ConnectionString
output workspaceId string = workspace.id
output workbookId string = workbook.id
