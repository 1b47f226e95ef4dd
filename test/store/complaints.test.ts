import { expect, it } from 'vitest';
import { Complaints, reasonOf } from '../../src/store/complaints.ts';
import { FakeClock } from '../support/fake-clock.ts';

function complain(): { complaints: Complaints; told: string[]; clock: FakeClock } {
	const told: string[] = [];
	const clock = new FakeClock(0);
	return { complaints: new Complaints((message) => told.push(message), clock), told, clock };
}

it('tells the same action with the same error once a minute, names a file and the remedy, and counts', async () => {
	const { complaints, told, clock } = complain();
	const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
	for (let i = 0; i < 100; i++) complaints.failed('cannot write', `/output/${i}/last_result`, full);
	complaints.failed('cannot write', '/output/x', Object.assign(new Error('EROFS'), { code: 'EROFS' }));
	complaints.failed('cannot archive', '/output/y', full);
	expect(told).toEqual([
		'cannot write /output/0/last_result: no space left: free some space or inodes (ENOSPC)',
		'cannot write /output/x: the file system is read-only: mount it writable (EROFS)',
		'cannot archive /output/y: no space left: free some space or inodes (ENOSPC)',
	]);
	await clock.pass(60_000);
	expect(told).toHaveLength(4);
	expect(told[3]).toMatch(/^cannot write \/output\/99\/last_result: .* \(98 more like this/);
});

it('shows file names with line breaks on one line', () => {
	const { complaints, told } = complain();
	complaints.failed('cannot write', '/a\nb', new Error('no'));
	expect(told).toEqual(['cannot write /a\\x0ab: no']);
});

it('has the words of the system for other errors', () => {
	expect(reasonOf(new Error('something else'))).toBe('something else');
	expect(reasonOf('text')).toBe('text');
});
