// A Linux kernel with larger pages, to be preloaded: mappings start on its pages, advice that
// starts within one is refused, and a length that ends within one reaches to its end. PAGE_MODEL is
// their size in bytes. With PAGE_MODEL_HIDDEN the process is told of pages of 4 KiB all the same,
// as by an emulator of such a machine.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

// What the tests ask for: bytes given back; and calls to give back a part of a page, which are
// always a mistake.
size_t page_model_released, page_model_mistakes;

static size_t page(void) {
	static size_t size;
	if (!size) size = strtoul(getenv("PAGE_MODEL"), NULL, 0);
	return size;
}

static uintptr_t up(uintptr_t address) { return (address + page() - 1) & ~(page() - 1); }

// The mappings made here; all others have pages of 4 KiB.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *mappings[4096];
enum { MOST = sizeof mappings / sizeof *mappings };

// Puts `to` in the place of `from`, and says whether there was one.
static int replace(void *from, void *to) {
	int found = 0;
	pthread_mutex_lock(&lock);
	for (int i = 0; i < MOST && !found; i++)
		if (mappings[i] == from) mappings[i] = to, found = 1;
	pthread_mutex_unlock(&lock);
	return found;
}

void *mmap(void *address, size_t size, int protection, int flags, int file, off_t offset) {
	if (address || (flags & ~MAP_PRIVATE) != MAP_ANONYMOUS)
		return (void *)syscall(SYS_mmap, address, size, protection, flags, file, offset);
	size_t whole = up(size);
	char *memory = (char *)syscall(SYS_mmap, NULL, whole + page(), protection, flags, -1, 0);
	if (memory == MAP_FAILED) return memory;
	char *start = (char *)up((uintptr_t)memory);
	if (start > memory) syscall(SYS_munmap, memory, start - memory);
	syscall(SYS_munmap, start + whole, memory + page() - start);
	if (!replace(NULL, start)) abort();
	return start;
}

int munmap(void *memory, size_t size) {
	return (int)syscall(SYS_munmap, memory, replace(memory, NULL) ? up(size) : size);
}

int madvise(void *memory, size_t size, int advice) {
	if (advice == MADV_DONTNEED) {
		int within = (uintptr_t)memory % page() || size % page();
		__atomic_fetch_add(within ? &page_model_mistakes : &page_model_released, within ? 1 : size, __ATOMIC_RELAXED);
	}
	if ((uintptr_t)memory % page()) return errno = EINVAL, -1;
	return (int)syscall(SYS_madvise, memory, up(size), advice);
}

int mincore(void *memory, size_t size, unsigned char *there) {
	if ((uintptr_t)memory % page()) return errno = EINVAL, -1;
	for (size_t at = 0; at < size; at += page())
		if (syscall(SYS_mincore, (char *)memory + at, 1, there++)) return -1;
	return 0;
}

long sysconf(int name) {
	static long (*real)(int);
	if (name == _SC_PAGESIZE) return getenv("PAGE_MODEL_HIDDEN") ? 4096 : (long)page();
	if (!real) {
		extern void *dlsym(void *, const char *);
		*(void **)&real = dlsym((void *)-1L, "sysconf");
	}
	return real(name);
}
