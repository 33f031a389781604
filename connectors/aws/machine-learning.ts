import { z } from 'zod';
import { agent } from './agents.ts';
import { regionalList } from './regional-list.ts';
import { regionalCollector } from './regional.ts';

const PAGE = { size: 'MaxResults', token: 'NextToken', next: 'NextToken', largest: 100 } as const;
const name = z.string().min(1);
const time = z.date().optional();

const endpoints = regionalList({
  operation: 'sagemaker.ListEndpoints',
  what: 'model endpoint',
  place: 'endpoint',
  purpose: 'List models that answer calls',
  page: { ...PAGE, items: 'Endpoints' },
  item: z.object({ EndpointName: name, EndpointArn: name, EndpointStatus: z.string(), CreationTime: time }),
  id: ({ EndpointArn }) => EndpointArn,
  observe: (item, _none, place) => [
    agent(place, 'endpoint', {
      id: item.EndpointArn,
      name: item.EndpointName,
      kind: 'vendor_integration',
      createdAt: item.CreationTime,
      attributes: { arn: item.EndpointArn, status: item.EndpointStatus },
    }),
  ],
});

const notebooks = regionalList({
  operation: 'sagemaker.ListNotebookInstances',
  what: 'notebook',
  place: 'notebook',
  purpose: 'List notebooks in which people train and try models',
  page: { ...PAGE, items: 'NotebookInstances' },
  item: z.object({
    NotebookInstanceName: name,
    NotebookInstanceArn: name,
    NotebookInstanceStatus: z.string().optional(),
    CreationTime: time,
  }),
  id: ({ NotebookInstanceArn }) => NotebookInstanceArn,
  observe: (item, _none, place) => [
    agent(place, 'notebook', {
      id: item.NotebookInstanceArn,
      name: item.NotebookInstanceName,
      kind: 'vendor_integration',
      createdAt: item.CreationTime,
      attributes: { arn: item.NotebookInstanceArn, status: item.NotebookInstanceStatus ?? 'unknown' },
    }),
  ],
});

const partnerApps = regionalList({
  operation: 'sagemaker.ListPartnerApps',
  what: 'partner app',
  place: 'partner_app',
  purpose: 'List apps of other vendors that run beside the models',
  page: { ...PAGE, items: 'Summaries' },
  item: z.object({ Arn: name, Name: name, Type: z.string().optional(), Status: z.string().optional(), CreationTime: time }),
  id: ({ Arn }) => Arn,
  observe: (item, _none, place) => [
    agent(place, 'partner_app', {
      id: item.Arn,
      name: item.Name,
      kind: 'vendor_integration',
      createdAt: item.CreationTime,
      // What kind of app it is, is the name that its vendor gave it.
      signals: item.Type === undefined ? [] : [{ type: 'app_name', value: item.Type }],
      attributes: { arn: item.Arn, type: item.Type ?? 'unknown', status: item.Status ?? 'unknown' },
    }),
  ],
});

/** Models that the account trains and serves itself. */
export const machineLearning = regionalCollector({
  id: 'machine_learning',
  title: 'Model endpoints, notebooks and partner apps',
  kinds: ['vendor_integration'],
  lists: [endpoints, notebooks, partnerApps],
  limits: ['Domains, user profiles, training jobs and tracking servers are not read yet'],
});
