/*
 * The limit for bench/idle.ts: what an order must take of the kernel in a slot to have its files written. For each
 * folder: reads the header of main.rrd, writes a row and the header, writes a result into a second file and exchanges it
 * with the first. Prints how many seconds of CPU that took, as JSON.
 *
 *   files-limit FOLDER COUNT ROUNDS   in FOLDER/0, FOLDER/1 and so on are main.rrd, last_result and .last_result
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { HEADER = 3000, LIVE = 1500, ROW = 56, RESULT = 140, ROWS_AT = 8192 };

static void need(int yes, const char *what)
{
	if (yes) return;
	perror(what);
	exit(1);
}

static double cpu(void)
{
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
	if (argc < 4) return 2;
	static char bytes[HEADER], path[4096], other[4096];
	int count = atoi(argv[2]), rounds = atoi(argv[3]);
	double start = 0;
	for (int round = -1; round < rounds; round++) {
		/* The first brings everything into memory. */
		if (round == 0) start = cpu();
		for (int i = 0; i < count; i++) {
			snprintf(path, sizeof path, "%s/%d/main.rrd", argv[1], i);
			int fd = open(path, O_RDWR);
			need(fd >= 0 && pread(fd, bytes, HEADER, 0) == HEADER, path);
			need(pwrite(fd, bytes, ROW, ROWS_AT + ROW * (round + 1)) == ROW, "row");
			need(pwrite(fd, bytes + HEADER - LIVE, LIVE, HEADER - LIVE) == LIVE, "header");
			close(fd);
			snprintf(path, sizeof path, "%s/%d/.last_result", argv[1], i);
			snprintf(other, sizeof other, "%s/%d/last_result", argv[1], i);
			fd = open(path, O_WRONLY);
			need(fd >= 0 && pwrite(fd, bytes, RESULT, 0) == RESULT, path);
			close(fd);
			need(renameat2(AT_FDCWD, path, AT_FDCWD, other, RENAME_EXCHANGE) == 0, "exchange");
		}
	}
	printf("{\"cpuSeconds\":%f}\n", (cpu() - start) / rounds);
	return 0;
}
