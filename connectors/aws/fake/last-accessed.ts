import { AwsError, validationError } from './aws-error.ts';
import { hexadecimal } from './ids.ts';
import type { Role, User, World } from './model.ts';
import { pageOf } from './paging.ts';
import type { Fields } from './xml.ts';

/** Reports of what one principal last tried to use. */
export interface AccessDesk {
  generate(world: World, parameters: URLSearchParams): Fields;
  read(world: World, parameters: URLSearchParams): Fields;
}

/** The first report of a desk is still being written when it is asked for the first time; the others are ready. */
export function createAccessDesk(): AccessDesk {
  const jobs = new Map<string, { arn: string; ready: boolean }>();
  return {
    generate(world, parameters) {
      const arn = parameters.get('Arn') ?? '';
      if (!principals(world).some((principal) => principal.arn === arn))
        throw new AwsError(404, 'NoSuchEntity', `The ARN ${arn} cannot be found.`);
      const hex = hexadecimal(32, arn, jobs.size);
      const job = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
      jobs.set(job, { arn, ready: jobs.size > 0 });
      return { JobId: job };
    },
    read(world, parameters) {
      const job = jobs.get(parameters.get('JobId') ?? '');
      if (!job) throw new AwsError(404, 'NoSuchEntity', 'The job cannot be found.');
      const about = { JobType: 'SERVICE_LEVEL', JobCreationDate: world.now };
      if (!job.ready) {
        job.ready = true;
        return { ...about, JobStatus: 'IN_PROGRESS', ServicesLastAccessed: [], IsTruncated: false };
      }
      const principal = principals(world).find(({ arn }) => arn === job.arn);
      if (!principal) throw validationError('The principal is gone.');
      const { items, ...rest } = pageOf(servicesOf(world, principal), parameters);
      const services = items.map(({ namespace, at }) => ({
        ServiceName: `Service ${namespace}`,
        ServiceNamespace: namespace,
        TotalAuthenticatedEntities: at ? 1 : 0,
        ...(at && { LastAuthenticated: at, LastAuthenticatedEntity: job.arn, LastAuthenticatedRegion: 'us-east-1' }),
      }));
      return { ...about, JobStatus: 'COMPLETED', JobCompletionDate: world.now, ServicesLastAccessed: services, ...rest };
    },
  };
}

/** Who tried which services of AI, and how many days ago. One of them was refused each time, which nobody is told. */
const TRIED: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'AeaApiKey-p3vd': { 'aws-external-anthropic': 9 },
  'BedrockAPIKey-t7wz': { bedrock: 1 },
  'order-pipeline': { bedrock: 3 },
  'cursor-bedrock': { bedrock: 2, sagemaker: 200 },
};

interface Tried {
  namespace: string;
  /** Absent = it may be used, and nobody tried. */
  at?: Date;
}

function servicesOf({ now }: World, { name }: Principal): Tried[] {
  const tried = Object.entries(TRIED[name] ?? {}).map(([namespace, days]) => ({
    namespace,
    at: new Date(now.getTime() - days * 86_400_000),
  }));
  // What may be used is told as well, tried or not.
  return [...tried, ...(tried.some(({ namespace }) => namespace === 'bedrock') ? [] : [{ namespace: 'bedrock' }]), { namespace: 's3' }];
}

type Principal = Pick<User & Role, 'arn' | 'id' | 'name' | 'attached'>;

function principals(world: World): readonly Principal[] {
  return [...world.users, ...world.roles];
}

const AI_POLICIES = ['AmazonBedrockFullAccess', 'AmazonBedrockLimitedAccess', 'AnthropicInferenceAccess'];
const AI_GROUPS = ['ai-lab', 'developers'];
/** Its policy is its own. */
const BY_NAME = ['order-pipeline'];
const AI_SERVICES = ['bedrock.amazonaws.com', 'bedrock-agentcore.amazonaws.com'];
/** What the catalog of this world knows. */
export const KNOWN_PARTIES = ['830241207209'];

/** Who can use AI, is AI, or lets it in. */
function worthAsking(world: World): Principal[] {
  const holds = ({ attached }: Principal) => attached.some((arn) => AI_POLICIES.includes(arn.split('/').at(-1)!));
  return [
    ...world.users.filter((user) => holds(user) || user.forOneKey || user.groups.some((group) => AI_GROUPS.includes(group))),
    ...world.roles.filter(
      (role) => holds(role) || BY_NAME.includes(role.name) || role.trustedBy.some((by) => [...AI_SERVICES, ...KNOWN_PARTIES].includes(by)),
    ),
  ];
}

/** How many principals are asked about, and how many pages there are beyond the first of each, two services a page. */
export function sizesOfAccess(world: World): Readonly<Record<'ai_principals' | 'last_accessed_more', number>> {
  const asked = worthAsking(world);
  const more = asked.reduce((sum, principal) => sum + Math.ceil(servicesOf(world, principal).length / 2) - 1, 0);
  return { ai_principals: asked.length, last_accessed_more: more };
}
