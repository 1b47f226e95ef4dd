import { isUtf8 } from 'node:buffer';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describeFindingIn } from '../../model/findings.ts';
import type { OrderFinding } from '../../model/order.ts';
import { escapeJson } from '../../model/printable.ts';
import type { ProbeTable } from '../../model/probe.ts';
import { isOrderFor } from '../../orders/is-order.ts';
import { listOrderFiles } from '../../orders/list-orders.ts';
import { readOrderFile } from '../../orders/order-file.ts';
import { orderMaxBytes, readOrder } from '../../reading/order.ts';
import { changesSince1 } from '../../reading/own-keys.ts';
import { baseDirOverConfig } from '../shared/base-dir-option.ts';
import { configOption } from '../shared/config-option.ts';
import { folderReason } from '../shared/listed-orders.ts';
import { alertFindings, alertPlace, unknownRules } from './rule-files.ts';

export interface CheckOptions {
	/** Print one JSON object a line. */
	readonly json?: boolean | undefined;
	/** Tell instead what an upgrade from 1.6 changes about the orders that are there. */
	readonly basedir?: string | undefined;
}

export interface CheckStreams {
	readonly stdin: AsyncIterable<Buffer | string>;
	readonly stdout: { write(text: string): unknown };
	readonly stderr?: { write(text: string): unknown };
}

/** Adds the command `check` to the program. */
export function registerCheck(program: Command, probes: ProbeTable): void {
	program
		.command('check')
		.summary('say what is wrong with order files, rules and mutes')
		.description(
			'Says what is wrong with order files, with rules in alerts/ and with mutes in mutes/, one line a finding, and nothing about those that are right. Needs no daemon.',
		)
		.argument('[file...]', 'order files; folders with all order files below them; - for standard input')
		.addOption(
			baseDirOverConfig(
				'before an upgrade from 1.6, without files: tell which of its orders have names or keys that are taken now',
			),
		)
		.addOption(configOption())
		.option('--json', 'print one JSON object a line: file, id (below a folder), line, key, message')
		.addHelpText('after', help)
		.action(async (files: string[], options: CheckOptions) => {
			// `check ... | head` reads no more than it wants.
			process.stdout.on('error', () => {});
			process.exitCode = await checkOrders(files, options, probes, process);
		});
}

const help = `
Exit code: 0 when all orders are right, 1 when there is a finding.

Examples:
  pingmachine check my-order
  pingmachine check --basedir /var/lib/pingmachine
  pingmachine check /var/lib/pingmachine/orders
  pingmachine check /var/lib/pingmachine/alerts
  generate-order | pingmachine check --json -`;

/** Checks the files, and writes what it finds to `stdout`. Resolves with the exit code: 1 if there was a finding. */
export async function checkOrders(
	files: readonly string[],
	options: CheckOptions,
	probes: ProbeTable,
	streams: CheckStreams,
): Promise<0 | 1> {
	let exitCode: 0 | 1 = 0;
	if (files.length === 0) return checkUpgrade(options, probes, streams);
	for (const file of files) {
		const found = file === '-' ? [await standardInput(streams.stdin)] : orderFiles(file, probes);
		for (const { name, id, content } of found) {
			for (const finding of findingsIn(name, content, id, probes)) {
				exitCode = 1;
				const line = options.json ? jsonOf(name, id, finding) : describeFindingIn(name, finding);
				streams.stdout.write(`${line}\n`);
			}
		}
	}
	return exitCode;
}

function checkUpgrade(
	{ basedir, json }: CheckOptions,
	probes: ProbeTable,
	{ stdout, stderr = process.stderr }: CheckStreams,
): 0 | 1 {
	if (basedir === undefined) {
		stderr.write('pingmachine check: there is nothing to check. Write order files, or --basedir DIR\n');
		return 1;
	}
	let exitCode: 0 | 1 = 0;
	for (const { name, id = '', content, isRefused } of filesBelow(join(basedir, 'orders'), probes)) {
		const problem = 'problem' in content && (isRefused === true || id === '') ? content.problem : null;
		const changes = changesSince1(id, 'text' in content ? content.text : '');
		const findings = problem === null ? changes : [{ message: problem }];
		for (const finding of findings) {
			exitCode = 1;
			stdout.write(`${json ? jsonOf(name, id, finding) : describeFindingIn(name, finding)}\n`);
		}
	}
	return exitCode;
}

function jsonOf(file: string, id: string | undefined, finding: OrderFinding): string {
	return escapeJson(JSON.stringify({ file, id, ...finding }));
}

type Content = { readonly text: string } | { readonly problem: string };

interface Found {
	/** What the user calls it. */
	readonly name: string;
	/** The order's id, if the file was found below a folder. */
	readonly id?: string;
	readonly content: Content;
	/** The daemon does not take what is there for an order, wherever it lies. */
	readonly isRefused?: boolean;
}

function findingsIn(
	name: string,
	content: Content,
	id: string | undefined,
	probes: ProbeTable,
): readonly OrderFinding[] {
	if ('problem' in content) return [{ message: content.problem }];
	const place = alertPlace(name);
	if (place !== null) return alertFindings(name, place, content.text, probes);
	const read = readOrder(id ?? '', content.text, probes);
	if ('findings' in read) return read.findings;
	return [...(read.notes ?? []), ...unknownRules(name, read.order.alerts ?? [], probes)];
}

/** The file itself, or if it is a folder, every file below it, as the daemon would see it. */
function* orderFiles(path: string, probes: ProbeTable): Generator<Found> {
	if (isFolder(path)) yield* filesBelow(path, probes);
	else yield { name: path, content: contentOf(path) ?? { problem: 'there is no such file' } };
}

/** Null when there is no such file. */
function contentOf(path: string): Content | null {
	const read = readOrderFile(path);
	return 'gone' in read ? null : read;
}

function isFolder(path: string): boolean {
	try {
		return statSync(path).isDirectory();
	} catch {
		// Whatever the reason, reading it will tell.
		return false;
	}
}

/** What a daemon would find in it if it were its orders/. */
function* filesBelow(folder: string, probes: ProbeTable): Generator<Found> {
	const { files, unread } = listOrderFiles(folder, isOrderFor(probes));
	for (const { idPrefix, code } of unread) {
		yield {
			name: join(folder, idPrefix),
			content: { problem: `cannot be read: ${folderReason(code) ?? code}` },
		};
	}
	for (const { id, refusal } of files) {
		const name = join(folder, id);
		const content = refusal === undefined ? contentOf(name) : { problem: refusal };
		// It was there a moment ago.
		if (content !== null) yield { name, id, content, isRefused: refusal !== undefined };
	}
}

/** Stops reading when it is more than an order may have. */
async function standardInput(stdin: CheckStreams['stdin']): Promise<Found> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	for await (const chunk of stdin) {
		const buffer = Buffer.from(chunk);
		chunks.push(buffer);
		bytes += buffer.length;
		if (bytes > orderMaxBytes) break;
	}
	const all = Buffer.concat(chunks);
	const content = isUtf8(all)
		? { text: all.toString('utf8') }
		: { problem: 'is not valid UTF-8. Save it as UTF-8' };
	return { name: '<stdin>', content };
}
