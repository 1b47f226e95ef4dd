import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { CommandProblem, type FoundOrder } from '../shared/find-orders.ts';

/** A picture takes well under a second; a broken disk can take for ever. */
const timeoutMs = 60_000;
/** No picture has so many. */
const imageMaxBytes = 64 * 1024 * 1024;

/** Draws a picture with rrdtool in the folder of an order. Throws `CommandProblem` when that is not possible. */
export function drawPicture(order: FoundOrder, args: readonly string[]): Promise<Buffer> {
	return new Promise((resolve, reject) => {
		const child = spawn('rrdtool', args, {
			cwd: order.folder,
			// The time axis is in the user's time zone. A UTF-8 locale lets the title be of any letters.
			env: { ...process.env, LC_ALL: 'C.UTF-8' },
			stdio: ['ignore', 'pipe', 'pipe'],
			timeout: timeoutMs,
			killSignal: 'SIGKILL',
		});
		const image: Buffer[] = [];
		const complaint: Buffer[] = [];
		let imageBytes = 0;
		child.stdout.on('data', (chunk: Buffer) => {
			imageBytes += chunk.length;
			if (imageBytes > imageMaxBytes) child.kill('SIGKILL');
			else image.push(chunk);
		});
		child.stderr.on('data', (chunk: Buffer) => complaint.push(chunk));
		child.on('error', (error: NodeJS.ErrnoException) => {
			reject(new CommandProblem(whyNotStarted(order, error)));
		});
		child.on('close', (code, signal) => {
			const drawn = Buffer.concat(image);
			if (code === 0 && isPicture(drawn)) return resolve(drawn);
			const [line = ''] = Buffer.concat(complaint).toString().trim().split('\n');
			const isOther = imageBytes > imageMaxBytes || (code === 0 && drawn.length > 0);
			const ending = isOther
				? 'what it prints is no picture. Is it the right program?'
				: `it was ended by ${signal ?? `exit code ${code}`}`;
			const reason = line.replace(/^ERROR: /, '') || ending;
			reject(new CommandProblem(`${order.id}: rrdtool could not draw it: ${reason}`));
		});
	});
}

/** PNG or SVG. */
function isPicture(bytes: Buffer): boolean {
	const start = bytes.toString('latin1', 0, 100).trimStart();
	return start.startsWith('\x89PNG\r\n') || start.startsWith('<?xml') || start.startsWith('<svg');
}

function whyNotStarted(order: FoundOrder, error: NodeJS.ErrnoException): string {
	if (error.code !== 'ENOENT') return `rrdtool could not be started: ${error.message}`;
	// The same code is given for the folder: the order may have been archived this very moment.
	if (!existsSync(order.folder)) return `${order.id}: its folder ${order.folder} has gone. Try again`;
	return 'rrdtool is not installed: apt-get install rrdtool';
}
