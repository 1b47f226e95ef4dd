import { BlockList, isIP } from 'node:net';
import type { Accepted } from '../../model/accepted.ts';
import type { Order } from '../../model/order.ts';
import { parseUrl } from '../../model/parse-url.ts';
import { excerpt } from '../../model/printable.ts';

/** Probes that run what an order says: only who may write files here says that. */
const unusual: readonly string[] = ['command'];

/** Why an order of the hub is not measured here, for its user; null when it is. What all are together is judged apart. */
export function whyNotAccepted({ probe, target }: Order, accepted: Accepted): string | null {
	if (accepted.probes === null ? unusual.includes(probe) : !accepted.probes.includes(probe))
		return `the point of presence does not measure with ${probe} for others. Name it there in pop.accept.probes`;
	if (accepted.networks === null) return null;
	const host = hostOf(target);
	if (isIP(host) === 0)
		return `the point of presence measures addresses in some networks alone, and ${excerpt(target)} is a name. Write an address`;
	return isWithin(host, accepted.networks)
		? null
		: `${excerpt(target)} is in none of the networks that the point of presence measures. Name one there in pop.accept.networks`;
}

/** Of a URL or `[v6]:port` what stands for the host. */
function hostOf(target: string): string {
	if (isIP(target) !== 0) return target;
	const url = /^[a-z]+:\/\//i.test(target) ? parseUrl(target) : null;
	if (url !== null) return bare(url.hostname);
	return bare(/^(\[[0-9a-f:.]+\]|[^:/]+)(?::\d+)?$/i.exec(target)?.[1] ?? target);
}

function bare(host: string): string {
	return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

function isWithin(address: string, networks: readonly string[]): boolean {
	const list = new BlockList();
	for (const network of networks) {
		const [base = '', prefix] = network.split('/');
		const family = isIP(base) === 4 ? 'ipv4' : 'ipv6';
		list.addSubnet(base, prefix === undefined ? (family === 'ipv4' ? 32 : 128) : Number(prefix), family);
	}
	return list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}
