// What is done to a map, operation by operation; the worker in Rust explains it.
#pragma once

#include <ctime>
#include <optional>
#include <stdexcept>

#include "keys.h"

inline uint64_t nanoseconds(clockid_t clock) {
    timespec time;
    clock_gettime(clock, &time);
    return uint64_t(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

// So many operations are timed by the time that the thread ran, fewer by the wall clock.
constexpr uint64_t FEW = 1000;

// Keeps the compiler from knowing what is behind a pointer, and from moving work across.
inline void fence(const void* pointer) { asm volatile("" : : "g"(pointer) : "memory"); }

struct Sample {
    uint64_t ops = 0, ns = 0, sum = 0;

    template <typename Work>
    void time(uint64_t count, Work work) {
        fence(&work);
        clockid_t clock = count < FEW ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID;
        uint64_t start = nanoseconds(clock);
        uint64_t result = work();
        fence(&result);
        ns += nanoseconds(clock) - start;
        ops += count;
        sum += result;
    }
};

template <typename Face>
class Workload {
    using K = typename Face::Key;
    const Keys<K>& keys;
    Face map{0};
    size_t churned = 0;

  public:
    explicit Workload(const Keys<K>& keys) : keys(keys) { fill(map); }

    Sample measure(const std::string& op) {
        if (op == "grow") return build(0);
        if (op == "hint") return build(keys.size);
        if (op == "hit") return look_up(keys.hits.keys);
        if (op == "miss") return look_up(keys.misses.keys);
        if (op == "iterate") return iterate();
        if (op == "churn") return churn();
        if (op == "refill") return refill();
        throw std::invalid_argument("no such operation: " + op);
    }

  private:
    size_t repeats() const { return (FEWEST + keys.size - 1) / keys.size; }

    void fill(Face& map) const {
        for (size_t i = 0; i < keys.size; i++) map.insert(keys.universe.keys[i], i + 1);
    }

    Sample build(size_t hint) {
        Sample sample;
        for (size_t i = 0; i < repeats(); i++) {
            std::optional<Face> built;
            sample.time(keys.size, [&] {
                built.emplace(hint);
                fill(*built);
                return built->count();
            });
        }
        return sample;
    }

    Sample look_up(const std::vector<K>& probes) {
        Sample sample;
        sample.time(probes.size(), [&] {
            uint64_t sum = 0;
            for (const K& key : probes) sum += map.get(key);
            return sum;
        });
        return sample;
    }

    Sample iterate() {
        Sample sample;
        sample.time(keys.size * repeats(), [&] {
            uint64_t sum = 0;
            for (size_t i = 0; i < repeats(); i++) {
                sum += map.sum();
                fence(&map);
            }
            return sum;
        });
        return sample;
    }

    Sample churn() {
        size_t steps = probes(keys.size);
        Sample sample;
        if (churned == 0) churn_steps(steps);
        sample.time(steps, [&] { return churn_steps(steps); });
        sample.sum += map.sum();
        return sample;
    }

    uint64_t churn_steps(size_t steps) {
        const std::vector<K>& universe = keys.universe.keys;
        size_t oldest = churned % universe.size(), newest = (churned + keys.size) % universe.size();
        uint64_t removed = 0;
        for (size_t i = 0; i < steps; i++) {
            removed += map.remove(universe[oldest]);
            map.insert(universe[newest], newest + 1);
            if (++oldest == universe.size()) oldest = 0;
            if (++newest == universe.size()) newest = 0;
        }
        churned += steps;
        return removed;
    }

    Sample refill() {
        Sample sample;
        sample.time(keys.size * repeats(), [&] {
            for (size_t i = 0; i < repeats(); i++) {
                map.clear();
                fill(map);
            }
            return map.count();
        });
        churned = 0;
        sample.sum += map.sum();
        return sample;
    }
};
