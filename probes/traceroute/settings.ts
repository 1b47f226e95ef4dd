import { isIP } from 'node:net';
import { z } from 'zod';
import { once } from '../../src/model/once.ts';

/** `probes.traceroute` of the config. */
export interface TracerouteSettings {
	/** Whether to look for the names of routers; by default it does. */
	readonly names?: boolean | undefined;
	/** The name server to ask for names and systems: an address, with a port or without. By default the system's. */
	readonly resolver?: string | undefined;
	/** A database of autonomous systems, in the format MMDB. */
	readonly asn_file?: string | undefined;
	/** Whether to ask Team Cymru's DNS for what the file does not know. */
	readonly asn_dns?: boolean | undefined;
}

export const tracerouteSettings = once(() =>
	z.strictObject({
		names: z.boolean().optional(),
		resolver: z
			.string()
			.refine(isServer, 'must be an address, such as 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:53')
			.optional(),
		asn_file: z
			.string()
			.refine(
				(path) => path.startsWith('/'),
				'must be an absolute path, such as /var/lib/GeoIP/GeoLite2-ASN.mmdb',
			)
			.optional(),
		asn_dns: z.boolean().optional(),
	}),
);

function isServer(text: string): boolean {
	if (isIP(text) !== 0) return true;
	const [, six, four, port = ''] = /^(?:\[([^\]]{1,45})\]|([\d.]{7,15})):(\d{1,5})$/.exec(text) ?? [];
	const address = six ?? four ?? '';
	return isIP(address) !== 0 && Number(port) >= 1 && Number(port) <= 65_535;
}
