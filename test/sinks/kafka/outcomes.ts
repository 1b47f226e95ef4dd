import type { Facts } from '../../../src/model/facts.ts';
import { measured, notMeasured, type OrderIdentity, type Outcome } from '../../../src/model/outcome.ts';

const startSeconds = 1_795_239_970;
const slot = { startSeconds, stepSeconds: 10 };

function order(probe: string, target: string): OrderIdentity {
	return { id: `me/${probe}`, user: 'me', task: `t-${probe}`, probe, target, tags: { site: 'zrh' } };
}

function answered(
	probe: string,
	target: string,
	rtts: readonly (number | null)[],
	facts: Facts = {},
	pop?: string,
): Outcome {
	const samples = rtts.map((rttSeconds, index) => ({ sentAtSeconds: startSeconds + index, rttSeconds }));
	const details = {
		updatedSeconds: startSeconds + 9,
		boot: '5f0c1a2b',
		seq: 7,
		...(pop === undefined ? {} : { pop }),
	};
	return measured(order(probe, target), slot, rtts.length, samples, facts, details);
}

/** One of each kind that there is a message of. */
export const outcomes: readonly Outcome[] = [
	answered('icmp', 'router.example.net', [0.0123, null, 0.0127, 0.0125], { address: '192.0.2.7', ttl: 57 }),
	answered('fping', '192.0.2.1', [null, null], { loss_reason: 'host unreachable (2)' }),
	answered('sping', '1-ff00:0:110,10.0.0.1', [0.02], {}, 'zrh'),
	notMeasured('failed', order('pping', 'no-such.example.net'), slot, 5, {
		code: 'name_unknown',
		reason: 'unknown host name. Correct host:',
	}),
	answered('http', 'https://example.net/', [0.123456, 0.2], {
		status_code: [200, 204],
		body_bytes: [512, 0],
	}),
	answered('httping', 'http://192.0.2.1/', [null], {
		status_code: [503],
		loss_reason: 'status code 503 (1)',
	}),
	answered('dns', 'example.net', [0.0042], {
		address: '192.0.2.53',
		answer: '192.0.2.9, 192.0.2.10',
		rcode: 'NOERROR',
	}),
	answered('traceroute', '192.0.2.99', [0.03, 0.031], {
		path: [
			'192.0.2.1 loss=0/2 rtt=0.001/0.0011/0.002',
			null,
			'192.0.2.99,192.0.2.98 loss=1/2 rtt=0.03/0.03/0.031 target',
		],
	}),
	notMeasured('skipped', order('http', 'https://example.org/'), slot, 2, {
		code: 'overrun',
		reason: 'the slot was over before there was a turn',
	}),
	answered('ssh', '192.0.2.1', [0.01], { host_key_type: 'ed25519' }),
];
