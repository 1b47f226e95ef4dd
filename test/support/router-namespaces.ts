import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A network namespace that a child holds: a router, or a host at the end. */
interface Held {
	readonly child: ChildProcessWithoutNullStreams;
	readonly pid: number;
}

/** A way between two of them: a network 10.50.N.0/24 and fd50:N::/64, where the first has .1 and the second .2. */
interface Link {
	readonly from: string;
	readonly to: string;
	readonly network: number;
	readonly mtu?: number;
}

/** Where a namespace sends what is for elsewhere: the networks of the links to take, the first end's or the second's. */
interface Way {
	readonly at: string;
	/** `default`, or a network by its number. */
	readonly to: 'default' | number;
	/** Next hops, each `NETWORK.END`; several share the load. */
	readonly via: readonly `${number}.${1 | 2}`[];
}

export interface Topology {
	readonly links: readonly Link[];
	readonly ways: readonly Way[];
	/** More shell commands, by namespace. */
	readonly more?: Readonly<Record<string, readonly string[]>>;
}

export const v4 = (end: string) => `10.50.${end}`;
export const v6 = (end: string) => `fd50:${end.replace('.', '::')}`;

/** Linux limits how often it answers; here it shall not, unless a test wants it. */
const router = [
	'ip link set lo up',
	'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1',
	'sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0',
	'sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0',
];

/**
 * Namespaces as routers, linked as told; `host` is that of this thread, which must have one of its own. They go away
 * with what is returned, or with this process. Needs root.
 */
export async function openRouters({ links, ways, more = {} }: Topology): Promise<() => Promise<void>> {
	const names = new Set(links.flatMap(({ from, to }) => [from, to]));
	names.delete('host');
	const held = new Map<string, Held>();
	for (const name of names) held.set(name, await hold());
	const inside = (name: string, commands: readonly string[]) => {
		const script = commands.join(' && ');
		const one = held.get(name);
		if (one === undefined) execFileSync('sh', ['-c', script]);
		else execFileSync('nsenter', ['--target', String(one.pid), '--net', 'sh', '-c', script]);
	};
	for (const name of names) inside(name, router);
	for (const link of links) connect(link, held, inside);
	for (const way of ways) addWay(way, inside);
	for (const [name, commands] of Object.entries(more)) inside(name, commands);
	return async () => {
		for (const { child } of held.values()) child.stdin.end();
		await Promise.all([...held.values()].map(({ child }) => once(child, 'close')));
	};
}

async function hold(): Promise<Held> {
	const child = spawn('unshare', ['--net', 'sh', '-c', 'echo ready; exec cat >/dev/null']);
	await Promise.race([once(child.stdout, 'data'), once(child, 'close')]);
	if (child.pid === undefined || child.exitCode !== null)
		throw new Error('no network namespace: run as root');
	return { child, pid: child.pid };
}

type Inside = (name: string, commands: readonly string[]) => void;

function connect(
	{ from, to, network, mtu = 1500 }: Link,
	held: ReadonlyMap<string, Held>,
	inside: Inside,
): void {
	const [a, b] = [`n${network}a`, `n${network}b`];
	execFileSync('ip', ['link', 'add', a, 'type', 'veth', 'peer', 'name', b]);
	for (const [device, name] of [
		[a, from],
		[b, to],
	] as const) {
		const one = held.get(name);
		if (one !== undefined) execFileSync('ip', ['link', 'set', device, 'netns', String(one.pid)]);
	}
	const up = (device: string, end: 1 | 2) => [
		`ip addr add ${v4(`${network}.${end}`)}/24 dev ${device}`,
		`ip -6 addr add ${v6(`${network}.${end}`)}/64 dev ${device} nodad`,
		`ip link set ${device} mtu ${mtu} up`,
	];
	inside(from, up(a, 1));
	inside(to, up(b, 2));
}

function addWay({ at, to, via }: Way, inside: Inside): void {
	const hops = (address: (end: string) => string) =>
		via.map((end) => `nexthop via ${address(end)}`).join(' ');
	const [net4, net6] = to === 'default' ? ['default', 'default'] : [`10.50.${to}.0/24`, `fd50:${to}::/64`];
	inside(at, [`ip route add ${net4} ${hops(v4)}`, `ip -6 route add ${net6} ${hops(v6)}`]);
}

/** `host` - r1 - r2 - ... - target, the networks 1, 2, ...: so many routers. */
export function chainOf(routers: number): Topology {
	const names = ['host', ...Array.from({ length: routers }, (_, i) => `r${i + 1}`), 'target'];
	const links = names.slice(1).map((to, i) => ({ from: names[i] ?? '', to, network: i + 1 }));
	const ways: Way[] = [];
	for (const [i, at] of names.entries()) {
		if (i < names.length - 1) ways.push({ at, to: 'default', via: [`${i + 1}.2`] });
		for (let back = 1; back < i; back++) ways.push({ at, to: back, via: [`${i}.1`] });
	}
	return { links, ways };
}
