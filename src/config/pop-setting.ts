import { isIP } from 'node:net';
import { z } from 'zod';
import type { Accepted } from '../model/accepted.ts';
import { faultsOfKafkaLogin, type KafkaLogin, kafkaLoginIn, kafkaLoginKeys } from '../model/kafka-login.ts';

/** What `pop:` in the config says. */
export interface PopSettings {
	/** The path of the file that `pingmachine pop add` made at the hub. */
	readonly joinFile: string;
	/** How it shows the hub, or brokers, who it is, besides what the join file has. */
	readonly login: KafkaLogin;
	/** What it measures for the hub. */
	readonly accept: Accepted;
}

const usualOrders = 10_000;
const usualPingsPerSecond = 5000;

/** `10.0.0.0/8`, `2001:db8::/32`, or one address. */
function isNetwork(text: string): boolean {
	const [address = '', prefix, ...rest] = text.split('/');
	const family = isIP(address);
	if (family === 0 || rest.length > 0) return false;
	return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
}

/** `pop:` in the config file. */
export const popSetting = z
	.strictObject({
		join: z.string().startsWith('/', 'must be a path from the root'),
		...kafkaLoginKeys,
		accept: z
			.strictObject({
				probes: z.array(z.string().min(1)).min(1).max(100).optional(),
				networks: z
					.array(z.string().refine(isNetwork, 'must be a network such as 192.0.2.0/24 or 2001:db8::/32'))
					.min(1)
					.max(1000)
					.optional(),
				orders: z.int().min(1).max(10_000_000).optional(),
				pings_per_second: z.number().positive().max(10_000_000).optional(),
			})
			.optional(),
	})
	.superRefine((written, context) => {
		for (const [path, message] of faultsOfKafkaLogin(written))
			context.addIssue({ code: 'custom', path: [...path], message });
	})
	.transform(
		({ join, accept = {}, ...login }): PopSettings => ({
			joinFile: join,
			login: kafkaLoginIn(login),
			accept: {
				probes: accept.probes ?? null,
				networks: accept.networks ?? null,
				ordersMax: accept.orders ?? usualOrders,
				pingsPerSecondMax: accept.pings_per_second ?? usualPingsPerSecond,
			},
		}),
	);
