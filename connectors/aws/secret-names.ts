import { z } from 'zod';
import { secretName } from './names.ts';
import { regionalList } from './regional-list.ts';
import { regionalCollector } from './regional.ts';

const PAGE = { size: 'MaxResults', token: 'NextToken', next: 'NextToken' } as const;
const name = z.string().min(1);

const secrets = regionalList({
  operation: 'secrets-manager.ListSecrets',
  what: 'secret',
  place: 'secret',
  purpose: 'List the names of secrets',
  page: { ...PAGE, items: 'SecretList', largest: 100 },
  item: z.object({
    ARN: name,
    Name: name,
    OwningService: z.string().optional(),
    CreatedDate: z.date().optional(),
    LastAccessedDate: z.date().optional(),
  }),
  id: ({ ARN }) => ARN,
  observe: (item, _none, place) => [
    secretName(place, {
      name: item.Name,
      holder: 'secretsmanager',
      arn: item.ARN,
      changedAt: item.CreatedDate,
      // AWS keeps the day, not the hour.
      lastUsedAt: item.LastAccessedDate,
      ...(item.OwningService !== undefined && { attributes: { owningService: item.OwningService } }),
    }),
  ],
});

const parameters = regionalList({
  operation: 'ssm.DescribeParameters',
  what: 'parameter',
  place: 'parameter',
  purpose: 'List the names and types of parameters',
  page: { ...PAGE, items: 'Parameters', largest: 50 },
  item: z.object({ Name: name, ARN: z.string().optional(), Type: z.string().optional(), LastModifiedDate: z.date().optional() }),
  id: ({ Name }) => Name,
  observe: (item, _none, place) => [
    secretName(place, {
      name: item.Name,
      holder: 'ssm',
      arn: item.ARN,
      changedAt: item.LastModifiedDate,
      // Any other type than SecureString is kept in clear.
      attributes: { parameterType: item.Type ?? 'unknown', encrypted: item.Type === 'SecureString' },
    }),
  ],
});

/** Names of secrets and parameters, whatever they are called; never a value. */
export const secretNames = regionalCollector({
  id: 'secret_names',
  title: 'Names of secrets and parameters',
  kinds: ['secret_name'],
  lists: [secrets, parameters],
  limits: ['Names only: no value is ever asked for', 'The list of secrets may be five minutes behind'],
});
