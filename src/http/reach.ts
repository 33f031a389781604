import { lookup as resolveName, type LookupAddress, type LookupOptions } from 'node:dns';
import { BlockList, isIP } from 'node:net';

/**
 * How far a request may go whose address somebody wrote down, and no connector declared: into the open Internet alone, or into
 * private networks too. Neither reaches addresses of a link, where clouds answer with credentials.
 */
export type Reach = 'public' | 'private';

/** The address leads where the request may not go. */
export class OutOfReach extends Error {
  override name = 'OutOfReach';
}

/** Links, metadata services, multicast and what is no address of anybody. https://www.iana.org/assignments/iana-ipv4-special-registry */
const NEVER = blockList(
  ['0.0.0.0/8', '169.254.0.0/16', '100.100.100.200/32', '168.63.129.16/32', '192.0.0.192/32', '224.0.0.0/4', '240.0.0.0/4'],
  ['::/128', 'fe80::/10', 'ff00::/8', 'fd00:ec2::254/128', 'fd20:ce::254/128'],
);
/** Networks of somebody's own, and ways into them. https://www.iana.org/assignments/iana-ipv6-special-registry */
const PRIVATE = blockList(
  [
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '172.16.0.0/12',
    '192.0.0.0/24',
    '192.0.2.0/24',
    '192.168.0.0/16',
    '198.18.0.0/15',
    '198.51.100.0/24',
    '203.0.113.0/24',
  ],
  ['::1/128', '64:ff9b::/96', '64:ff9b:1::/48', '2001:db8::/32', '2002::/16', 'fc00::/7', 'fec0::/10'],
);

/** Whether a request may go to an IP address, and to the IPv4 address that it holds where it holds one. */
export function isWithin(reach: Reach, address: string): boolean {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(address) === 0 || NEVER.check(address, family)) return false;
  if (reach === 'public' && PRIVATE.check(address, family)) return false;
  const held = family === 'ipv6' ? heldBy(address) : undefined;
  return held === undefined || isWithin(reach, held);
}

/** Where in 16 bytes the IPv4 address stands: RFC 6052 (NAT64), RFC 3056 (6to4), RFC 4291 2.5.5 (mapped and compatible). */
const HOLDING: readonly { in: BlockList; from: number }[] = [
  { in: blockList([], ['64:ff9b::/96', '::ffff:0:0/96', '::/96']), from: 12 },
  { in: blockList([], ['2002::/16']), from: 2 },
];

function heldBy(address: string): string | undefined {
  const from = address === '::1' ? undefined : HOLDING.find((one) => one.in.check(address, 'ipv6'))?.from;
  return from === undefined
    ? undefined
    : bytesOf(address)
        .slice(from, from + 4)
        .join('.');
}

/** The 16 bytes of an IPv6 address. */
function bytesOf(address: string): number[] {
  // Written one way: in hexadecimal, with one gap at most, and without a zone.
  const [head, tail] = new URL(`http://[${address.replace(/%.*$/, '')}]/`).hostname.slice(1, -1).split('::') as [string, string?];
  const [before, after] = [head, tail ?? ''].map((part) => (part === '' ? [] : part.split(':'))) as [string[], string[]];
  const groups = [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
  return groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]);
}

/** Refuses the host of an address that is an IP itself: for these no name is looked up. */
export function refuseHost(reach: Reach, { hostname }: URL): void {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !isWithin(reach, host)) throw new OutOfReach(`${host} is no address that may be asked`);
}

/**
 * Looks a name up as a connection does, and answers only addresses within reach: the one that was checked is the one that is used,
 * so that no second answer can lead elsewhere.
 */
export function lookupWithin(reach: Reach) {
  return (
    name: string,
    options: LookupOptions,
    done: (error: Error | null, address: string | LookupAddress[], family?: number) => void,
  ): void => {
    // All of them, on a machine without any network too.
    resolveName(name, { ...(options.family !== undefined && { family: options.family }), all: true }, (error, found) => {
      if (error) return done(error, []);
      const within = found.filter(({ address }) => isWithin(reach, address));
      const [first] = within;
      if (!first) return done(new OutOfReach(`${name} leads to no address that may be asked`), []);
      return options.all ? done(null, within) : done(null, first.address, first.family);
    });
  };
}

function blockList(ipv4: readonly string[], ipv6: readonly string[]): BlockList {
  const list = new BlockList();
  for (const [family, subnets] of [
    ['ipv4', ipv4],
    ['ipv6', ipv6],
  ] as const)
    for (const subnet of subnets) {
      const [net, prefix] = subnet.split('/') as [string, string];
      list.addSubnet(net, Number(prefix), family);
    }
  return list;
}
