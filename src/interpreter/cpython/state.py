"""The part of an interpreter's state that can change a later import, as bytes that are equal for equal states.

Modules that were there at the start, and standard-library modules loaded since, are compared with their contents when
they were loaded, and only differences are written. Modules from the ordering's directory are written in full. Runs
with the definitions of kinds.py, baseline.py and digest.py in its namespace.
"""

import sys


class StateDigest(Digest):
    """One state being written, part by part."""

    def state(self, full, directory):
        """Writes all of it; `full` if code ran that may have changed anything. Returns the times of finders."""
        if not full:
            return self.import_state()
        baseline = self.baseline
        if sys.modules is not baseline.table or type(sys.path_importer_cache) is not dict:
            raise Unmergeable("another sys.modules or sys.path_importer_cache")
        if baseline.unreadable:
            raise Unmergeable("the extension module %s, whose state cannot be read" % baseline.unreadable[0])
        path = sys.path
        self.sequence(b"P", path if type(path) is list else [path])
        finders = self.finders()
        self.modules_table()
        self.emit(directory)
        self.put(b"c")
        for what, value in held_in_c(baseline):
            self.text(what)
            self.emit(value)
        self.changes()
        return finders

    def import_state(self):
        """The state that imports alone can have changed, on Python 3. In one function that touches as little as
        possible: in a copy of a process, touching an object's reference count copies its memory."""
        baseline, put, modules, written = self.baseline, self.put, sys.modules, self.baseline.written
        root, times = baseline.root_text, []
        put(repr(sys.path).replace(root, "$").encode("utf-8", "surrogatepass"))
        cache = sys.path_importer_cache
        for entry in sorted([entry for entry in cache if entry.startswith(root)]):
            finder = cache[entry]
            if type(finder) is not baseline.file_finder:
                self.text(entry)
                self.finder_of_another_kind(finder)
                continue
            listed, own = finder._path_mtime, entry[len(root) + 1 :].encode("utf-8", "surrogateescape")
            put(b"f%d:" % len(own) + own)
            if listed != -1:
                put(repr(sorted(finder._path_cache)).encode("utf-8", "surrogatepass"))
                times.append((own, listed))
        for name in self.later_modules():
            module = modules[name]
            known = written.get(name)
            put(b"m")
            if known is not None and known[0] is module:
                put(known[1])
            else:
                self.later_module(name, module)
        return times

    def later_modules(self):
        """The names of modules that were not there at the start, if those that were are all still there."""
        modules = sys.modules
        later = len(modules) - len(self.baseline.modules)
        if hasattr(modules, "__reversed__"):
            names = reversed(modules)
            return sorted([next(names) for _ in range(later)])
        return sorted(list(modules)[-later:]) if later else []

    def later_module(self, name, module):
        """A module from the ordering. One that holds only unchangeable values is written once: from then on only a
        `reload` could change it."""
        before = len(self.parts)
        self.text(name)
        if type(module) is MODULE and self.simple_module(module.__dict__):
            self.baseline.written[name] = (module, b"".join(self.parts[before:]))
        elif type(module) is MODULE or module is not None:
            for other in self.later_modules():
                self.seen.setdefault(id(sys.modules[other]), b"m" + as_bytes(other) + b";")
            self.module_entry(name, module)
        else:
            self.put(b"N")

    def modules_table(self):
        baseline = self.baseline
        at_start, library, modules = baseline.modules, baseline.library, sys.modules
        for name in baseline.start_names:
            if name not in modules or modules[name] is not at_start[name]:
                self.put(b"x")
                self.text(name)
        later = [name for name in modules if name not in at_start or modules[name] is not at_start[name]]
        if not are_texts(later):
            raise Unmergeable("a module name that is not a text")
        later.sort()
        # Everywhere else these are written by their names.
        for name in later:
            self.seen.setdefault(id(modules[name]), b"m" + as_bytes(name) + b";")
        for name in later:
            module = modules[name]
            self.put(b"m")
            self.text(name)
            if library.get(name, baseline) is module or id(module) in self.names:
                self.put(b"l")
                self.text(self.names[id(module)])
                self.text(baseline.contents.get(name, b""))
            elif id(type(module)) in PLAIN:
                self.plain(type(module), module)
            else:
                self.module_entry(name, module)

    def module_entry(self, name, module):
        """The entry of `sys.modules` under a name; if the module is there under another name too, that name suffices."""
        seen = self.seen[id(module)]
        if seen != b"m" + as_bytes(name) + b";":
            self.put(b"#")
            self.put(seen)
        elif type(module) is MODULE:
            self.module(module)
        else:
            self.kept.append(module)
            self.other(type(module), module)

    def simple_module(self, own):
        """Writes a module that is not a package and whose only changeable contents are its loader and its
        specification, if those are as the import system makes them."""
        special = ("__spec__", "__loader__", "__builtins__")
        for key, value in own.items():
            if id(type(value)) not in PLAIN and key not in special:
                return False
        baseline = self.baseline
        spec, loader, name, path = own.get("__spec__"), own.get("__loader__"), own.get("__name__"), own.get("__file__")
        if type(spec) is not baseline.spec_class or type(loader) is not baseline.loader_class or path is None:
            return False
        held = spec.__dict__
        if (
            held.get("loader") is not loader
            or held.get("name") != name
            or held.get("origin") != path
            or held.get("_cached") != own.get("__cached__")
            or held.get("submodule_search_locations") is not None
            or held.get("loader_state") is not None
            or held.get("_initializing")
            or len(held) > 8
            or loader.__dict__ != {"name": name, "path": path}
            or id(own.get("__builtins__")) not in self.names
        ):
            return False
        self.put(b"s")
        for key in sorted(own):
            if key not in special:
                self.emit(key)
                self.emit(own[key])
        return True

    def finders(self):
        """`sys.path_importer_cache`; the times of the finders of the ordering's directories are returned separately."""
        baseline = self.baseline
        times = []
        cache = sys.path_importer_cache
        if not all([id(type(entry)) in PLAIN for entry in cache]):
            raise Unmergeable("an entry of sys.path_importer_cache that is not a text")
        for entry in sorted(cache, key=repr):
            finder = cache[entry]
            self.put(b"p")
            self.emit(entry)
            if finder is None or type(finder) is not baseline.file_finder:
                self.finder_of_another_kind(finder)
                continue
            self.put(b"f")
            own = dict_of(finder)
            if not baseline.are_usual(own.get("_loaders")):
                self.emit(own.get("_loaders"))
            listed, place = own.get("_path_mtime"), own.get("path")
            data = as_bytes(place) if type(place) is str else b""
            if listed == -1 or not (data.startswith(self.root) or data[:1] != b"/"):
                continue
            self.members(b"S", own["_path_cache"])
            if own["_relaxed_path_cache"]:
                self.members(b"R", own["_relaxed_path_cache"])
            if place == entry and data[:1] == b"/":
                times.append((data[len(self.root) + 1 :], listed))
            else:
                # A relative entry is a second way to a directory, or leads to another one each time.
                self.emit(place)
                self.emit(listed)
        return times

    def finder_of_another_kind(self, finder):
        kind = type(finder)
        if class_name(kind) == "zipimporter" and id(kind) in self.names:
            self.put(b"z")
            # The C type has these as fields; 3.8 and later, as attributes.
            own = dict_of(finder) or {}
            for name in ("archive", "prefix"):
                slot = namespace_of(kind).get(name)
                self.emit(slot.__get__(finder) if type(slot) is MEMBER else own.get(name))
        elif class_name(kind) == "NullImporter" and not is_heap(kind):
            self.put(b"0")
        else:
            self.emit(finder)

    def changes(self):
        """The differences of loaded modules from their contents at loading."""
        changed = []
        for where, letter, value, keys, ids in self.baseline.snapshots:
            if letter == b"L":
                if list(map(id, value)) != ids:
                    changed.append((where, letter, value, None))
            elif letter == b"S":
                if set(map(id, value)) != ids:
                    changed.append((where, letter, value, None))
            elif letter == b"A":
                registry = registry_of(value)
                if set(map(id, registry)) != ids:
                    changed.append((where, b"S", registry, None))
            elif letter == b"C":
                if shallow(content_in_c(value)) != ids:
                    changed.append((where, letter, value, None))
            else:
                own = held_by(letter, value)
                if len(own) != len(keys) or list(map(id, own.values())) != ids:
                    changed.append((where, letter, own, dict(zip(keys, ids))))
        for where, value, code, defaults, by_name in self.baseline.functions:
            now = parts_of(value)
            if now[0] is not code or now[1] is not defaults or now[2] is not by_name:
                changed.append((where, b"F", value, None))
        for where, value, kind in self.baseline.classes:
            if type(value) is not kind:
                changed.append((where, b"K", value, None))
        for where, letter, value, then in sorted(changed, key=first):
            self.change(where, letter, value, then)

    def change(self, where, letter, value, then):
        if then is not None:
            return self.entries(where, value, then)
        self.put(b"~" + letter)
        self.text(where)
        if letter == b"L":
            self.sequence(b"L", value)
        elif letter == b"S":
            self.members(b"S", value)
        elif letter == b"F":
            self.emit(parts_of(value))
        elif letter == b"K":
            self.emit(type(value))
        else:
            self.held_in_place(value)

    def held_in_place(self, value):
        base = foundation_of(type(value))
        if way_of(base) is None:
            return self.content(base, value)
        self.kept.append(way_of(base)(base, value))
        self.sequence(b"R", self.kept[-1])

    def entries(self, where, value, then):
        """Changed entries of a dict or a class. Only plain keys are looked up."""
        if not all([id(type(key)) in PLAIN for key in value]):
            self.put(b"~")
            self.text(where)
            return self.pairs(b"D", list(value.items()))
        keys = [key for key in value if then.get(key) != id(value[key])]
        keys.extend([key for key in then if key not in value])
        keys = [key for key in keys if key not in ABC_CACHES and "%s.%s" % (where, key) not in LEFT_OUT]
        if PY2 or are_texts(keys):
            keys.sort()
        for key in keys:
            self.put(b"~")
            self.text(where)
            self.emit(key)
            if key in value:
                self.emit(value[key])


def needs_all(baseline):
    """Whether imports alone can have changed more than `import_state` writes."""
    return PY2 or baseline.library or baseline.unreadable
