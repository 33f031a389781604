import { BIG_PAGE, found, list, PAGE, seconds, type ServiceRoute } from './service-route.ts';

/** Names of secrets, parameters and environment variables. */
export const NAME_ROUTES: readonly ServiceRoute[] = [
  list(
    'secrets-manager.ListSecrets',
    'secretsmanager',
    'POST',
    '/',
    BIG_PAGE('SecretList', 100),
    ({ secrets }) => secrets,
    (item, { account, region }) => ({
      ARN: `arn:aws:secretsmanager:${region}:${account}:secret:${item.name}-Ab1Cd2`,
      Name: item.name,
      CreatedDate: seconds(item.created),
      LastChangedDate: seconds(item.created),
      ...(item.accessed && { LastAccessedDate: seconds(item.accessed) }),
      ...(item.owner && { OwningService: item.owner }),
    }),
  ),
  list(
    'ssm.DescribeParameters',
    'ssm',
    'POST',
    '/',
    BIG_PAGE('Parameters', 50),
    ({ parameters }) => parameters,
    (item, { account, region }) => ({
      Name: item.name,
      ARN: `arn:aws:ssm:${region}:${account}:parameter${item.name}`,
      Type: item.type,
      LastModifiedDate: seconds(item.changed),
      LastModifiedUser: `arn:aws:iam::${account}:user/machines/ci-deployer`,
      Version: 1,
      Tier: 'Standard',
      DataType: 'text',
    }),
  ),
  list(
    'lambda.ListFunctions',
    'lambda',
    'GET',
    '/2015-03-31/functions',
    { size: 'MaxItems', token: 'Marker', next: 'NextMarker', items: 'Functions', largest: 50 },
    ({ functions }) => functions,
    (item, { account, region }) => ({
      FunctionName: item.name,
      FunctionArn: `arn:aws:lambda:${region}:${account}:function:${item.name}`,
      Runtime: 'nodejs22.x',
      Role: `arn:aws:iam::${account}:role/service-role/thumbnailer`,
      ...(item.variables && { Environment: { Variables: item.variables } }),
    }),
  ),
  list(
    'ecs.ListTaskDefinitionFamilies',
    'ecs',
    'POST',
    '/',
    PAGE('families', 100),
    ({ tasks }) => tasks,
    ({ family }) => family,
  ),
  {
    operation: 'ecs.DescribeTaskDefinition',
    protocol: 'json',
    method: 'POST',
    path: '/',
    permission: 'ecs:DescribeTaskDefinition',
    answer({ world, region, input }) {
      const item = found(region.tasks.find(({ family }) => family === input['taskDefinition']));
      const environment = Object.entries(item.variables).map(([name, value]) => ({ name, value }));
      const secrets = item.secrets.map((name) => ({ name, valueFrom: `arn:aws:ssm:${region.name}:${world.account}:parameter/${name}` }));
      return {
        taskDefinition: {
          taskDefinitionArn: `arn:aws:ecs:${region.name}:${world.account}:task-definition/${item.family}:7`,
          family: item.family,
          revision: 7,
          status: 'ACTIVE',
          taskRoleArn: `arn:aws:iam::${world.account}:role/programs/program-1`,
          containerDefinitions: [{ name: item.family, image: `${item.family}:1`, essential: true, environment, secrets }],
        },
      };
    },
  },
];
