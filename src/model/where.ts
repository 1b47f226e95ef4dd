import type { Order } from './order.ts';
import type { Pop } from './pop.ts';

/** From where an order is to be measured. What is said of points of presence has to hold all together. */
export interface Where {
	/** Also by the machine that has the order. */
	readonly here: boolean;
	/** Their names. */
	readonly pops?: readonly string[];
	/** Of each label one of these values. */
	readonly labels?: Readonly<Record<string, readonly string[]>>;
	/** So many of those that fit. Left out: all of them. */
	readonly any?: number;
	readonly all?: true;
}

/** Whether a point of presence is one of those that an order asks for. */
export function fits({ pops, labels = {} }: Where, pop: Pop): boolean {
	if (pops !== undefined && !pops.includes(pop.name)) return false;
	return Object.entries(labels).every(([label, values]) => values.includes(pop.labels[label] ?? ''));
}

/** Whether points of presence are asked for at all. */
export function asksPops({ pops, labels, any, all }: Where): boolean {
	return pops !== undefined || labels !== undefined || any !== undefined || all === true;
}

/** Whether points of presence alone measure it. */
export function isElsewhere({ where }: Order): boolean {
	return where !== undefined && !where.here;
}
