import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { outInterface } from './out-interface.ts';

/** From where packets are sent, as far as the order says. */
export interface From {
	readonly source_ip?: string | undefined;
	readonly interface?: string | undefined;
}

/**
 * Why nothing can be sent to these addresses from here, by address, each fit for the user: there is no route, or the
 * interface is down. Those to which there is a way are not in it. Sends nothing itself.
 *
 * For what programs do not tell: fping, for one, counts what it could not send as lost.
 */
export async function withoutWay(addresses: readonly string[], from: From): Promise<Map<string, string>> {
	const own = ownAddresses();
	const faults = new Map<string, string>();
	if (from.interface !== undefined) {
		// Bound to an interface, the kernel takes every address for one of its network.
		const isUp = own.byInterface.has(from.interface);
		if (!isUp) for (const address of addresses) faults.set(address, interfaceDown(from.interface));
		return faults;
	}
	for (const family of [4, 6] as const) {
		const some = addresses.filter((address) => (isIPv6(address) ? 6 : 4) === family);
		if (some.length > 0) await askKernel(some, family, from.source_ip, own, faults);
	}
	return faults;
}

/** A network address with the numbers of interfaces as their names, since libuv knows zones by name only; null: there is none. */
export function withZoneName(address: string): string | null {
	const [bare = '', zone] = address.split('%');
	if (zone === undefined) return address;
	const interfaces = Object.entries(networkInterfaces());
	const named = interfaces.find(([name]) => name === zone);
	const numbered = interfaces.find(([, own]) => own?.some(({ scopeid = 0 }) => scopeid === Number(zone)));
	const [name] = named ?? (/^[1-9]\d*$/.test(zone) ? numbered : undefined) ?? [];
	return name === undefined ? null : `${bare}%${name}`;
}

/** Of interfaces that are up and have a carrier. */
interface OwnAddresses {
	readonly all: ReadonlySet<string>;
	readonly byInterface: ReadonlySet<string>;
}

function ownAddresses(): OwnAddresses {
	const entries = Object.entries(networkInterfaces());
	const all = new Set(entries.flatMap(([, own]) => own ?? []).map(({ address }) => address));
	return { all, byInterface: new Set(entries.map(([name]) => name)) };
}

function interfaceDown(name: string): string {
	return `the interface ${name} is down, or has no address: look at ip address`;
}

/** Nobody need listen there: a datagram socket that is connected sends nothing. */
const anyPort = 9;

async function askKernel(
	addresses: readonly string[],
	family: 4 | 6,
	source: string | undefined,
	own: OwnAddresses,
	faults: Map<string, string>,
): Promise<void> {
	const socket = await boundSocket(family, source);
	// Without a socket nothing is known: the program itself may have had one.
	if (socket === null) return;
	try {
		for (const address of addresses) {
			const fault = await faultOf(address, socket, own);
			if (fault !== null) faults.set(address, fault);
		}
	} finally {
		socket.close();
	}
}

function boundSocket(family: 4 | 6, source: string | undefined): Promise<Socket | null> {
	return new Promise((resolve) => {
		const socket = createSocket({
			type: family === 4 ? 'udp4' : 'udp6',
			lookup: (address, _options, done) => done(null, address, family),
		});
		socket.once('error', () => {
			socket.close();
			resolve(null);
		});
		socket.bind({ port: 0, address: source ?? (family === 4 ? '0.0.0.0' : '::'), exclusive: true }, () => {
			socket.removeAllListeners('error').on('error', () => {});
			// Programs differ in whether they may ping such addresses, and those that may not say so, or lose.
			socket.setBroadcast(true);
			resolve(socket);
		});
	});
}

async function faultOf(address: string, socket: Socket, own: OwnAddresses): Promise<string | null> {
	const named = withZoneName(address);
	if (named === null) return interfaceDown(address.slice(address.indexOf('%') + 1));
	// The types do not tell, but it is called with the error too, which is not emitted then.
	const error = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
		socket.connect(anyPort, named, (failure?: NodeJS.ErrnoException | null) => resolve(failure ?? null));
	});
	if (error !== null) return noWay[error.code ?? '']?.(address) ?? null;
	const local = socket.address().address;
	socket.disconnect();
	// The address that packets are sent from may be borrowed from another interface: then that tells nothing.
	if (own.all.has(local)) return null;
	const device = local === address ? 'lo' : await outInterface(address);
	return device === null || own.byInterface.has(device) ? null : interfaceDown(device);
}

/** What the kernel says when it has no way to an address. Of other errors nothing follows. */
const noWay: Readonly<Record<string, (address: string) => string>> = {
	ENETUNREACH: (address) => `there is no route to ${address}: look at ip route (ENETUNREACH)`,
	EHOSTUNREACH: (address) =>
		`a route of this machine says that ${address} cannot be reached: look at ip route (EHOSTUNREACH)`,
	EINVAL: (address) => `a route of this machine drops what is for ${address}: look at ip route (EINVAL)`,
	EACCES: (address) => `a route of this machine forbids ${address}: look at ip route (EACCES)`,
	ENETDOWN: (address) => `the network interface to ${address} is down: look at ip link (ENETDOWN)`,
	ENODEV: (address) => `the network interface to ${address} is gone: look at ip link (ENODEV)`,
	EAFNOSUPPORT: (address) => `this machine does not do the kind of address that ${address} is (EAFNOSUPPORT)`,
};
