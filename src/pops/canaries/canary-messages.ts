import type { KafkaLogin } from '../../model/kafka-login.ts';
import type { CanaryReading } from './canary-message.ts';

/** What the thread that reads canaries is started with. */
export interface CanaryWorkerData {
	readonly brokers: readonly string[];
	readonly topic: string;
	readonly login?: KafkaLogin | undefined;
	/** So that a restart goes on where it was. */
	readonly group: string;
}

/** What the thread is told: all readings up to this number are in files. */
export type CanaryRequest = { readonly verb: 'taken'; readonly number: number } | { readonly verb: 'close' };

/** What it tells. */
export type CanaryReport =
	| {
			readonly about: 'readings';
			/** Rises by one. */
			readonly number: number;
			readonly readings: readonly CanaryReading[];
			/** So many messages between them were not understood. */
			readonly broken: number;
	  }
	/** Why nothing can be read; null: it can. */
	| { readonly about: 'reached'; readonly problem: string | null }
	| { readonly about: 'closed' };
