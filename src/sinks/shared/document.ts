import type { Outcome } from '../../model/outcome.ts';
import type { SinkTools } from '../../model/sink.ts';

/** What the codec makes of an outcome, and beside that what people ask first. */
export function documentOf(outcome: Outcome, toJson: SinkTools['toJson']): Readonly<Record<string, unknown>> {
	return {
		'@timestamp': new Date(outcome.slot.startSeconds * 1000).toISOString(),
		...statusOf(outcome),
		...toJson(outcome),
	};
}

function statusOf(outcome: Outcome): Readonly<Record<string, unknown>> {
	if (outcome.kind !== 'measured') return { status: 'UNKNOWN' };
	const { medianSeconds, facts } = outcome.measurement;
	const ip = facts['address'];
	return {
		status: medianSeconds === null ? 'DOWN' : 'UP',
		...(medianSeconds === null ? {} : { latency_ms: Number((medianSeconds * 1000).toPrecision(12)) }),
		...(typeof ip === 'string' ? { ip } : {}),
	};
}
