import { z } from 'zod';
import { within, type Observation } from '../../src/connector/index.ts';
import { credentialNames, secretName } from './names.ts';
import { regionalList, type Place } from './regional-list.ts';
import { regionalCollector } from './regional.ts';

const name = z.string().min(1);
/** Names alone: the values were taken out of the answer before it was read. */
const names = z.record(z.string(), z.unknown()).transform((variables) => Object.keys(variables));

const functions = regionalList({
  operation: 'lambda.ListFunctions',
  what: 'function',
  place: 'function',
  purpose: 'List functions with the names of their environment variables',
  // The model allows 10,000; AWS answers no more than 50. https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html
  page: { items: 'Functions', size: 'MaxItems', largest: 50, token: 'Marker', next: 'NextMarker' },
  item: z.object({
    FunctionName: name,
    FunctionArn: name,
    Role: z.string().optional(),
    Environment: z.object({ Variables: names.optional() }).optional(),
  }),
  id: ({ FunctionName }) => FunctionName,
  observe: (item, _none, place) =>
    variables(place, { holder: `lambda:${item.FunctionName}`, arn: item.FunctionArn, role: item.Role, names: item.Environment?.Variables }),
});

const container = z.object({
  environment: z.array(z.object({ name: z.string().optional() })).optional(),
  secrets: z.array(z.object({ name: z.string(), valueFrom: z.string() })).optional(),
});

const tasks = regionalList({
  operation: 'ecs.ListTaskDefinitionFamilies',
  what: 'task definition',
  place: 'task_definition',
  purpose: 'List the families of task definitions',
  page: { items: 'families', size: 'maxResults', largest: 100, token: 'nextToken', next: 'nextToken' },
  input: { status: 'ACTIVE' },
  item: name,
  id: (family) => family,
  detail: {
    operation: 'ecs.DescribeTaskDefinition',
    purpose: 'Read the names of environment variables of the newest revision of each family',
    input: (family) => ({ taskDefinition: family }),
    schema: z.object({
      taskDefinition: z.object({
        taskDefinitionArn: name,
        taskRoleArn: z.string().optional(),
        containerDefinitions: z.array(container).optional(),
      }),
    }),
  },
  observe(family, { taskDefinition }, place) {
    const containers = taskDefinition.containerDefinitions ?? [];
    const found = containers.flatMap(({ environment, secrets }) => [
      ...(environment ?? []).flatMap((variable) => variable.name ?? []),
      ...(secrets ?? []).map((secret) => secret.name),
    ]);
    // The family, not the revision: a deployment a day would be a new thing a day.
    return variables(place, { holder: `ecs:${family}`, arn: undefined, role: taskDefinition.taskRoleArn, names: found });
  },
});

/** Names of environment variables that speak of a credential: keys that programs were given outside any store. */
export const environmentNames = regionalCollector({
  id: 'environment_names',
  title: 'Names of environment variables',
  kinds: ['secret_name'],
  lists: [functions, tasks],
  limits: [
    'Names only: values that come in the same answer are dropped before it is read',
    'Of task definitions the newest revision of a family is read',
    'Programs on virtual machines, in Kubernetes and inside images are not seen',
  ],
  besides: ({ account }) => [
    {
      type: 'gap',
      scope: within(account.scope, 'other_variable'),
      reason: 'not_of_interest',
      effect: 'Variables whose names speak of no credential are not kept',
      byDesign: true,
    },
  ],
});

function variables(
  place: Place,
  {
    holder,
    arn,
    role,
    names: found,
  }: { holder: string; arn: string | undefined; role: string | undefined; names: readonly string[] | undefined },
): Observation[] {
  return credentialNames(found ?? []).map((variable) =>
    secretName(place, { name: variable, holder, arn, attributes: { environment: true, ...(role !== undefined && { roleArn: role }) } }),
  );
}
