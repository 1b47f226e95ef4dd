/*
 * The truth for bench/icmp.ts and bench/icmp-accuracy.ts: answers IPv4 echo requests on a TUN device, each after the
 * same delay. To addresses whose third number is 12 it loses 2 % of them, at random. In C, so that it is late as
 * little as can be; how late it was, it says. It wants a processor for itself.
 *
 *   icmp-responder DEVICE DELAY_MS
 *
 * Prints "ready"; when its input is closed, one line of JSON: what it lost, by address, and by its own clock how long
 * it kept answers (milliseconds, the median and the 99th percentile).
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { PLACES = 1 << 17, PACKET = 128, LOSES_SOME = 12, LOST_PER_MILLE = 20, STEP_NS = 1000, STEPS = 1 << 20, TURNS_PER_POLL = 4096 };

struct pending {
	int64_t read_ns;
	int bytes;
	uint8_t packet[PACKET];
};

static struct pending ring[PLACES];
static uint32_t lost[1 << 16];
/* How many answers were kept for so many microseconds. */
static uint32_t kept[STEPS];
static long answered, requests;

static int64_t now_ns(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void put_sum(uint8_t *at, int bytes, int sum_at)
{
	uint32_t sum = 0;
	at[sum_at] = at[sum_at + 1] = 0;
	for (int i = 0; i < bytes; i++) sum += i % 2 == 0 ? at[i] << 8 : at[i];
	while (sum >> 16) sum = (sum >> 16) + (sum & 0xffff);
	at[sum_at] = ~sum >> 8;
	at[sum_at + 1] = ~sum;
}

/* Makes the request its reply. Returns 0 when there is to be none. */
static int make_reply(uint8_t *packet, int bytes)
{
	int header = (packet[0] & 15) * 4;
	if (packet[0] >> 4 != 4 || bytes < header + 8 || packet[9] != 1 || packet[header] != 8) return 0;
	requests++;
	if (packet[18] == LOSES_SOME && random() % 1000 < LOST_PER_MILLE) {
		lost[packet[17] << 8 | packet[19]]++;
		return 0;
	}
	uint8_t source[4];
	memcpy(source, packet + 12, 4);
	memcpy(packet + 12, packet + 16, 4);
	memcpy(packet + 16, source, 4);
	packet[header] = 0;
	put_sum(packet + header, bytes - header, 2);
	put_sum(packet, header, 10);
	return 1;
}

static double quantile_ms(double share)
{
	long wanted = answered * share, seen = 0;
	for (int i = 0; i < STEPS; i++)
		if ((seen += kept[i]) > wanted) return i * STEP_NS / 1e6;
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 3) return 2;
	int64_t delay_ns = atof(argv[2]) * 1e6;
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
	struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	strncpy(request.ifr_name, argv[1], IFNAMSIZ - 1);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &request) < 0) {
		perror("icmp-responder: /dev/net/tun");
		return 1;
	}
	mlockall(MCL_CURRENT | MCL_FUTURE);
	srandom(now_ns());
	puts("ready");
	fflush(stdout);
	unsigned first = 0, last = 0, turns = 0;
	for (;;) {
		int64_t time = now_ns();
		for (; first != last && ring[first % PLACES].read_ns + delay_ns <= time; first++, time = now_ns()) {
			struct pending *due = &ring[first % PLACES];
			if (write(fd, due->packet, due->bytes) < 0) break;
			int64_t step = (time - due->read_ns) / STEP_NS;
			kept[step < STEPS ? step : STEPS - 1]++;
			answered++;
		}
		while (last - first < PLACES) {
			struct pending *next = &ring[last % PLACES];
			next->bytes = read(fd, next->packet, PACKET);
			if (next->bytes <= 0) break;
			next->read_ns = now_ns();
			if (make_reply(next->packet, next->bytes)) last++;
			/* Those that are due must not wait for those that come. */
			if (first != last && ring[first % PLACES].read_ns + delay_ns <= next->read_ns) break;
		}
		/* It never sleeps: waking up takes too long. */
		struct pollfd input = { 0, POLLIN | POLLHUP, 0 };
		if (++turns % TURNS_PER_POLL == 0 && poll(&input, 1, 0) > 0) break;
	}
	printf("{\"requests\":%ld,\"keptMs\":{\"median\":%.3f,\"p99\":%.3f},\"lost\":{", requests, quantile_ms(0.5), quantile_ms(0.99));
	const char *comma = "";
	for (int i = 0; i < 1 << 16; i++) {
		if (lost[i] == 0) continue;
		printf("%s\"10.%d.%d.%d\":%u", comma, i >> 8, LOSES_SOME, i & 255, lost[i]);
		comma = ",";
	}
	puts("}}");
	return 0;
}
