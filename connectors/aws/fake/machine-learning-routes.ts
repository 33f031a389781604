import { partnerAppId } from './regions.ts';
import { BIG_PAGE, list, seconds, type ServiceRoute } from './service-route.ts';

/** Endpoints, notebooks and partner apps. */
export const MACHINE_LEARNING_ROUTES: readonly ServiceRoute[] = [
  list(
    'sagemaker.ListEndpoints',
    'sagemaker',
    'POST',
    '/',
    BIG_PAGE('Endpoints', 100),
    ({ endpoints }) => endpoints,
    (item, { account, region }) => ({
      EndpointName: item.name,
      EndpointArn: `arn:aws:sagemaker:${region}:${account}:endpoint/${item.name}`,
      CreationTime: seconds(item.created),
      LastModifiedTime: seconds(item.created),
      EndpointStatus: 'InService',
    }),
  ),
  list(
    'sagemaker.ListNotebookInstances',
    'sagemaker',
    'POST',
    '/',
    BIG_PAGE('NotebookInstances', 100),
    ({ notebooks }) => notebooks,
    (item, { account, region }) => ({
      NotebookInstanceName: item.name,
      NotebookInstanceArn: `arn:aws:sagemaker:${region}:${account}:notebook-instance/${item.name}`,
      NotebookInstanceStatus: 'InService',
      CreationTime: seconds(item.created),
      LastModifiedTime: seconds(item.created),
    }),
  ),
  list(
    'sagemaker.ListPartnerApps',
    'sagemaker',
    'POST',
    '/',
    BIG_PAGE('Summaries', 100),
    ({ partnerApps }) => partnerApps,
    (item, { account, region }) => ({
      Arn: `arn:aws:sagemaker:${region}:${account}:partner-app/${partnerAppId(item.name)}`,
      Name: item.name,
      Type: item.type,
      Status: 'Available',
      CreationTime: seconds(item.created),
    }),
  ),
];
