// What CloudWatch Logs has on AWS and not here: queries, subscriptions, metric filters, deliveries,
// keys. Known, routed, refused by name.
#include "wire/refused.h"
#include "api/logs/api.h"

namespace tidegate::api::logs {

void mount_refused(wire::Table& table) {
  wire::refuse_actions<
      "AssociateKmsKey", "AssociateSourceToS3TableIntegration", "CancelExportTask",
      "CancelImportTask", "CreateDelivery", "CreateExportTask", "CreateImportTask",
      "CreateLogAnomalyDetector", "CreateLookupTable", "CreateScheduledQuery",
      "DeleteAccountPolicy", "DeleteDataProtectionPolicy", "DeleteDelivery",
      "DeleteDeliveryDestination", "DeleteDeliveryDestinationPolicy", "DeleteDeliverySource",
      "DeleteDestination", "DeleteIndexPolicy", "DeleteIntegration", "DeleteLogAnomalyDetector",
      "DeleteLookupTable", "DeleteMetricFilter", "DeleteQueryDefinition", "DeleteResourcePolicy",
      "DeleteScheduledQuery", "DeleteSubscriptionFilter", "DeleteTransformer",
      "DescribeAccountPolicies", "DescribeConfigurationTemplates", "DescribeDeliveries",
      "DescribeDeliveryDestinations", "DescribeDeliverySources", "DescribeDestinations",
      "DescribeExportTasks", "DescribeFieldIndexes", "DescribeImportTaskBatches",
      "DescribeImportTasks", "DescribeIndexPolicies", "DescribeLookupTables",
      "DescribeMetricFilters", "DescribeQueries", "DescribeQueryDefinitions",
      "DescribeResourcePolicies", "DescribeSubscriptionFilters", "DisassociateKmsKey",
      "DisassociateSourceFromS3TableIntegration", "GetDataProtectionPolicy", "GetDelivery",
      "GetDeliveryDestination", "GetDeliveryDestinationPolicy", "GetDeliverySource",
      "GetIntegration", "GetLogAnomalyDetector", "GetLogFields", "GetLogGroupFields",
      "GetLogObject", "GetLogRecord", "GetLookupTable", "GetQueryResults", "GetScheduledQuery",
      "GetScheduledQueryHistory", "GetTransformer", "ListAggregateLogGroupSummaries",
      "ListAnomalies", "ListIntegrations", "ListLogAnomalyDetectors", "ListLogGroups",
      "ListLogGroupsForQuery", "ListScheduledQueries", "ListSourcesForS3TableIntegration",
      "PutAccountPolicy", "PutBearerTokenAuthentication", "PutDataProtectionPolicy",
      "PutDeliveryDestination", "PutDeliveryDestinationPolicy", "PutDeliverySource",
      "PutDestination", "PutDestinationPolicy", "PutIndexPolicy", "PutIntegration",
      "PutLogGroupDeletionProtection", "PutMetricFilter", "PutQueryDefinition", "PutResourcePolicy",
      "PutSubscriptionFilter", "PutTransformer", "StartLiveTail", "StartQuery", "StopQuery",
      "TestMetricFilter", "TestTransformer", "UpdateAnomaly", "UpdateDeliveryConfiguration",
      "UpdateLogAnomalyDetector", "UpdateLookupTable", "UpdateScheduledQuery">(table);
}

}  // namespace tidegate::api::logs
