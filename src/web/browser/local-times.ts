const date = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** Has every `<time datetime="...">` that was written in UTC say it in the reader's zone and way. */
export function localTimes(root: ParentNode): void {
	for (const element of root.querySelectorAll<HTMLTimeElement>('time[datetime]')) {
		const time = new Date(element.dateTime);
		if (Number.isNaN(time.getTime())) continue;
		element.title = element.dateTime;
		element.textContent = date.format(time);
	}
}
