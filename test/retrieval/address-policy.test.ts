import { BlockList } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { originOf } from '../../src/connection/origin.js';
import { resolveHost } from '../../src/connection/resolve.js';
import { firstGuard, PUBLIC_ONLY } from '../../src/retrieval/address-guard.js';
import { addressRange } from '../../src/retrieval/address-policy.js';

/** A block, its name in the registry, and the range that we call it. */
type Row = readonly [block: string, name: string, range: string];

/** https://www.iana.org/assignments/iana-ipv4-special-registry/, and multicast, which has a registry of its own. */
const IPV4: readonly Row[] = [
  ['0.0.0.0/8', '"This network"', 'unspecified'],
  ['0.0.0.0/32', '"This host on this network"', 'unspecified'],
  ['10.0.0.0/8', 'Private-Use', 'private'],
  ['100.64.0.0/10', 'Shared Address Space', 'carrier-grade-nat'],
  ['127.0.0.0/8', 'Loopback', 'loopback'],
  ['169.254.0.0/16', 'Link Local', 'link-local'],
  ['172.16.0.0/12', 'Private-Use', 'private'],
  ['192.0.0.0/24', 'IETF Protocol Assignments', 'reserved'],
  ['192.0.0.0/29', 'IPv4 Service Continuity Prefix', 'reserved'],
  ['192.0.0.8/32', 'IPv4 dummy address', 'reserved'],
  ['192.0.0.9/32', 'Port Control Protocol Anycast', 'reserved'],
  ['192.0.0.10/32', 'Traversal Using Relays around NAT Anycast', 'reserved'],
  ['192.0.0.170/32', 'NAT64/DNS64 Discovery', 'reserved'],
  ['192.0.0.171/32', 'NAT64/DNS64 Discovery', 'reserved'],
  ['192.0.2.0/24', 'Documentation (TEST-NET-1)', 'reserved'],
  ['192.31.196.0/24', 'AS112-v4', 'as112'],
  ['192.52.193.0/24', 'AMT', 'amt'],
  ['192.88.99.0/24', 'Deprecated (6to4 Relay Anycast)', 'reserved'],
  ['192.88.99.2/32', '6a44-relay anycast address', 'reserved'],
  ['192.168.0.0/16', 'Private-Use', 'private'],
  ['192.175.48.0/24', 'Direct Delegation AS112 Service', 'as112'],
  ['198.18.0.0/15', 'Benchmarking', 'reserved'],
  ['198.51.100.0/24', 'Documentation (TEST-NET-2)', 'reserved'],
  ['203.0.113.0/24', 'Documentation (TEST-NET-3)', 'reserved'],
  ['224.0.0.0/4', 'Multicast', 'multicast'],
  ['240.0.0.0/4', 'Reserved', 'reserved'],
  ['255.255.255.255/32', 'Limited Broadcast', 'broadcast'],
];

/** https://www.iana.org/assignments/iana-ipv6-special-registry/, but for the two blocks that are judged by the IPv4 address inside. */
const IPV6: readonly Row[] = [
  ['::1/128', 'Loopback Address', 'loopback'],
  ['::/128', 'Unspecified Address', 'unspecified'],
  ['64:ff9b:1::/48', 'IPv4-IPv6 Translat.', 'nat64-local'],
  ['100::/64', 'Discard-Only Address Block', 'discard'],
  ['100:0:0:1::/64', 'Dummy IPv6 Prefix', 'reserved'],
  ['2001::/23', 'IETF Protocol Assignments', '(several)'],
  ['2001::/32', 'TEREDO', 'teredo'],
  ['2001:1::1/128', 'Port Control Protocol Anycast', 'reserved'],
  ['2001:1::2/128', 'Traversal Using Relays around NAT Anycast', 'reserved'],
  ['2001:1::3/128', 'DNS-SD Service Registration Protocol Anycast', 'reserved'],
  ['2001:2::/48', 'Benchmarking', 'benchmarking'],
  ['2001:3::/32', 'AMT', 'amt'],
  ['2001:4:112::/48', 'AS112-v6', 'as112v6'],
  ['2001:10::/28', 'Deprecated (previously ORCHID)', 'deprecated-orchid'],
  ['2001:20::/28', 'ORCHIDv2', 'orchid2'],
  ['2001:30::/28', 'Drone Remote ID Protocol Entity Tags', 'drone-remote-id-protocol-entity-tags'],
  ['2001:db8::/32', 'Documentation', 'reserved'],
  ['2002::/16', '6to4', '6to4'],
  ['2620:4f:8000::/48', 'Direct Delegation AS112 Service', 'as112v6'],
  ['3fff::/20', 'Documentation', 'reserved'],
  ['5f00::/16', 'Segment Routing (SRv6) SIDs', 'segment-routing'],
  ['fc00::/7', 'Unique-Local', 'unique-local'],
  ['fe80::/10', 'Link-Local Unicast', 'link-local'],
];

/** What IANA's address space registry calls reserved by the IETF, deprecated, or multicast. */
const IPV6_BEYOND: readonly Row[] = [
  ['::/96', 'IPv4-compatible (RFC 4291, deprecated)', '(several)'],
  ['::ffff:0:0:0/96', 'IPv4-translated (RFC 2765)', 'ipv4-translated'],
  ['fec0::/10', 'Site-local (RFC 3879, deprecated)', 'deprecated-site-local'],
  ['ff00::/8', 'Multicast', 'multicast'],
  ['4000::/4', 'Reserved by IETF', 'reserved'],
  ['8000::/3', 'Reserved by IETF', 'reserved'],
  ['e000::/4', 'Reserved by IETF', 'reserved'],
];

const ALL_IPV6 = [...IPV6, ...IPV6_BEYOND];

/** The numbers of a block's first and last address. */
function boundsOf(block: string): [bigint, bigint] {
  const [address, prefix] = block.split('/') as [string, string];
  const length = address.includes(':') ? 128n : 32n;
  const size = 1n << (length - BigInt(prefix));
  const first = address.includes(':') ? numberOfIPv6(address) : numberOfIPv4(address);
  return [first, first + size - 1n];
}

function numberOfIPv4(address: string): bigint {
  return address.split('.').reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
}

function numberOfIPv6(address: string): bigint {
  const [before = '', after = ''] = address.split('::').map((side) => side);
  const left = before === '' ? [] : before.split(':');
  const right = after === '' ? [] : after.split(':');
  const middle = new Array<string>(8 - left.length - right.length).fill('0');
  return [...left, ...middle, ...right].reduce((sum, part) => sum * 65_536n + BigInt(`0x${part}`), 0n);
}

function ipv4(number: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (number >> shift) & 255n).join('.');
}

function ipv6(number: bigint): string {
  const parts = Array.from({ length: 8 }, (_, i) => (number >> BigInt(112 - 16 * i)) & 0xffffn);
  return parts.map((part) => part.toString(16)).join(':');
}

/** Node's own list of blocks: another hand than the one that is tested. */
function blockList(rows: readonly Row[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const [block] of rows) {
    const [address, prefix] = block.split('/') as [string, string];
    list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

const specialIPv4 = fc
  .constantFrom(...IPV4)
  .chain(([block]) => fc.bigInt(...boundsOf(block)))
  .map(ipv4);

describe('addressRange()', () => {
  test.each(IPV4)('%s (%s) is %s, from its first address to its last', (block, _, range) => {
    const [first, last] = boundsOf(block);
    expect(addressRange(ipv4(first))).toBe(range);
    expect(addressRange(ipv4(last))).toBe(last === 0xffff_ffffn ? 'broadcast' : range);
  });

  test.each(ALL_IPV6)('%s (%s) is %s, from its first address to its last', (block, _, range) => {
    const ranges = boundsOf(block).map((number) => addressRange(ipv6(number)));
    if (range === '(several)') expect(ranges).not.toContain('public');
    else expect(ranges).toEqual([range, range]);
  });

  test('is public for every IPv4 address outside the special blocks, and for none inside', () => {
    const special = blockList(IPV4, 'ipv4');
    const edges = IPV4.flatMap(([block]) => boundsOf(block)).flatMap((n) => [n - 1n, n, n + 1n]);
    const addresses = fc.oneof(
      fc.constantFrom(...edges.filter((n) => n >= 0n && n < 1n << 32n)),
      fc.bigInt(0n, (1n << 32n) - 1n),
    );
    const property = fc.property(addresses.map(ipv4), (address) => {
      expect(addressRange(address) === 'public').toBe(!special.check(address, 'ipv4'));
    });
    fc.assert(property, { numRuns: 2000 });
  });

  test('is public for every IPv6 address of 2000::/3 outside the special blocks, and for none elsewhere', () => {
    const special = blockList(IPV6, 'ipv6');
    const edges = ALL_IPV6.flatMap(([block]) => boundsOf(block)).flatMap((n) => [n - 1n, n, n + 1n]);
    const [from, to] = boundsOf('2000::/3');
    const addresses = fc.oneof(
      fc.constantFrom(...edges.filter((n) => n >= 0n && n < 1n << 128n)),
      fc.bigInt(from, to),
      fc.bigInt(0n, (1n << 128n) - 1n),
    );
    // Judged by the IPv4 address inside: the next test.
    const translated = blockList(
      [
        ['::ffff:0:0/96', '', ''],
        ['64:ff9b::/96', '', ''],
      ],
      'ipv6',
    );
    const property = fc.property(addresses, (number) => {
      const address = ipv6(number);
      if (translated.check(address, 'ipv6')) return;
      const global = number >= from && number <= to && !special.check(address, 'ipv6');
      expect(addressRange(address) === 'public').toBe(global);
    });
    fc.assert(property, { numRuns: 2000 });
  });

  test('takes an IPv4-mapped address and one of NAT64 for the IPv4 address inside', () => {
    const property = fc.property(fc.ipV4(), (address) => {
      for (const prefix of ['::ffff:', '64:ff9b::', '0:0:0:0:0:FFFF:'])
        expect(addressRange(prefix + address)).toBe(addressRange(address));
    });
    fc.assert(property, { numRuns: 300 });
  });

  test('takes no other address for the IPv4 address inside: none of those ways is public', () => {
    for (const address of ['8.8.8.8', '127.0.0.1']) {
      const hex = numberOfIPv4(address).toString(16).padStart(8, '0');
      const groups = `${hex.slice(0, 4)}:${hex.slice(4)}`;
      for (const way of [`::${address}`, `2002:${groups}::1`, `64:ff9b:1::${address}`, `2001::${groups}`])
        expect(addressRange(way), way).not.toBe('public');
    }
  });

  test('does not mind how an IPv6 address is written', () => {
    const property = fc.property(
      fc.oneof(
        fc.ipV6(),
        fc.ipV4().map((tail) => `::${tail}`),
      ),
      (address) => {
        const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
        expect(addressRange(address)).toBe(addressRange(canonical));
      },
    );
    fc.assert(property, { numRuns: 1000 });
  });

  test('does not mind a zone', () => {
    expect(addressRange('fe80::1%eth0')).toBe('link-local');
    expect(addressRange('::1%lo')).toBe('loopback');
    expect(addressRange('2606:4700::1111%eth0')).toBe('public');
    expect(addressRange('::ffff:10.0.0.1%1%2')).toBe('private');
  });

  test.each([
    '',
    'localhost',
    '0177.0.0.1',
    '0x7f000001',
    '2130706433',
    '127.1',
    '8.8.8.8 ',
    ' 8.8.8.8',
    '8.8.8.8\0',
    '[::1]',
    '::1::',
    '1.2.3.256',
    '%eth0',
  ])('takes %j for no address', (text) => {
    expect(addressRange(text)).toBe('invalid');
  });

  test('says the same again when thousands of others have been asked for', () => {
    const before = addressRange('8.8.4.4');
    for (let n = 0n; n < 5000n; n++) expect(addressRange(ipv4(0x0a000000n + n))).toBe('private');
    expect([before, addressRange('8.8.4.4')]).toEqual(['public', 'public']);
  });
});

describe('the guard of the library', () => {
  const guard = firstGuard(PUBLIC_ONLY, undefined)!;

  /** Any of the ways to write an IPv4 address that the URL standard's parser accepts. */
  const spelling = fc
    .tuple(
      specialIPv4,
      fc.constantFrom(1, 2, 3, 4),
      fc.array(fc.constantFrom('decimal', 'octal', 'hex', 'HEX'), { minLength: 4, maxLength: 4 }),
      fc.array(fc.nat({ max: 3 }), { minLength: 4, maxLength: 4 }),
      fc.constantFrom('', '.'),
      fc.constantFrom(
        (text: string) => text,
        // IDNA maps full-width digits to plain ones; percent-encoding is undone first.
        (text: string) => text.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
        (text: string) => text.replace(/\d/g, (digit) => `%3${digit}`),
        (text: string) => text.replaceAll('.', '\u3002'),
      ),
    )
    .map(([address, parts, bases, zeros, end, disguise]) => {
      const octets = address.split('.').map(BigInt);
      const last = octets.slice(parts - 1).reduce((sum, octet) => sum * 256n + octet, 0n);
      const numbers = [...octets.slice(0, parts - 1), last];
      return disguise(numbers.map((n, i) => written(n, bases[i]!, zeros[i]!)).join('.')) + end;
    });

  const inIPv6 = specialIPv4.chain((address) => {
    const hex = numberOfIPv4(address).toString(16).padStart(8, '0');
    const groups = `${hex.slice(0, 4)}:${hex.slice(4)}`;
    return fc.constantFrom(
      `[::ffff:${address}]`,
      `[::FFFF:${groups}]`,
      `[0:0:0:0:0:ffff:${groups}]`,
      `[64:ff9b::${address}]`,
      `[64:ff9b::${groups}]`,
      `[64:ff9b:1::${groups}]`,
      `[::${address}]`,
      `[2002:${groups}::]`,
      `[::ffff:0:${address}]`,
    );
  });

  test('refuses any special IPv4 address in any spelling that a URL may have', async () => {
    const property = fc.asyncProperty(fc.oneof(spelling, inIPv6), async (host) => {
      const url = `http://${host}/`;
      expect(URL.canParse(url), url).toBe(true);
      const origin = originOf(new URL(url));
      const nobody = () => Promise.reject(new Error('a name'));
      const addresses = await resolveHost(origin.host, origin.port, nobody);
      expect(() => guard.admit(origin, addresses)).toThrow(/ is refused: /);
      expect(guard.allows(origin, addresses[0]!)).toBe(false);
    });
    await fc.assert(property, { numRuns: 1500 });
  });
});

function written(number: bigint, base: string, zeros: number): string {
  const padding = '0'.repeat(zeros);
  if (base === 'octal') return `0${padding}${number.toString(8)}`;
  if (base === 'hex') return `0x${padding}${number.toString(16)}`;
  if (base === 'HEX') return `0X${padding}${number.toString(16).toUpperCase()}`;
  return number.toString();
}
