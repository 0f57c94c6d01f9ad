package dev.lorikeet.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Which class names which others, read from compiled classes: those it uses, and those in its descriptors, generic
/// signatures and annotations. Names have dots, a nested class is `Outer$Inner`, a field or method `Outer$Inner#name`.
record ClassReferences(TreeMap<String, Set<String>> byClass) {
    private static final Pattern IN_DESCRIPTOR = Pattern.compile("L([a-z]\\w*(?:/[\\w$]+)+)[;<]");

    /// Reads `target/classes` of every module under `checkout`.
    static ClassReferences ofModules(Path checkout) throws IOException {
        TreeMap<String, Set<String>> byClass = new TreeMap<>();
        // A module may lie in the folder of another, such as models/cli.
        try (Stream<Path> poms = Files.find(checkout, 3, (file, _) -> file.endsWith("pom.xml"))) {
            for (Path module : poms.map(Path::getParent).sorted().toList()) {
                read(module.resolve("target").resolve("classes"), byClass);
                read(module.resolve("target").resolve("peers").resolve("classes"), byClass);
            }
        }
        return new ClassReferences(byClass);
    }

    private static void read(Path classes, TreeMap<String, Set<String>> byClass) throws IOException {
        if (!Files.isDirectory(classes)) {
            return;
        }
        try (Stream<Path> files = Files.walk(classes)) {
            files.filter(file -> file.toString().endsWith(".class")).forEach(file -> {
                ClassModel model = parse(file);
                byClass.put(dots(model.thisClass().asInternalName()), references(model));
            });
        }
    }

    private static ClassModel parse(Path file) {
        try {
            return ClassFile.of().parse(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<String> references(ClassModel model) {
        Set<String> names = new TreeSet<>();
        for (PoolEntry entry : model.constantPool()) {
            if (entry instanceof ClassEntry used && !used.asInternalName().startsWith("[")) {
                names.add(dots(used.asInternalName()));
            } else if (entry instanceof MemberRefEntry member && !member.owner().asInternalName().startsWith("[")) {
                names.add(dots(member.owner().asInternalName()) + "#" + member.name().stringValue());
            } else if (entry instanceof Utf8Entry text) {
                Matcher matcher = IN_DESCRIPTOR.matcher(text.stringValue());
                while (matcher.find()) {
                    names.add(dots(matcher.group(1)));
                }
            }
        }
        return names;
    }

    private static String dots(String internalName) {
        return internalName.replace('/', '.');
    }

    /// The references `class → class` from a name that matches `from` to one that matches `to`.
    List<String> between(Pattern from, Pattern to) {
        return byClass.entrySet().stream()
                .filter(user -> from.matcher(user.getKey()).matches())
                .flatMap(user -> user.getValue().stream()
                        .filter(used -> to.matcher(used).matches())
                        .map(used -> user.getKey() + " → " + used))
                .toList();
    }

    /// How many classes match `names`.
    long count(Pattern names) {
        return byClass.keySet().stream().filter(names.asMatchPredicate()).count();
    }

    /// Groups of packages of which each needs every other one, directly or through others.
    List<Set<String>> packageCycles() {
        Map<String, Set<String>> needs = new TreeMap<>();
        byClass.forEach((name, used) -> used.stream()
                .map(ClassReferences::packageOf)
                .filter(other -> other.startsWith("dev.lorikeet.") && !other.equals(packageOf(name)))
                .forEach(other -> needs.computeIfAbsent(packageOf(name), _ -> new TreeSet<>()).add(other)));
        // reach by reach until nothing is added
        boolean grown = true;
        while (grown) {
            grown = false;
            for (Set<String> reached : needs.values()) {
                Set<String> further = new TreeSet<>();
                reached.forEach(other -> further.addAll(needs.getOrDefault(other, Set.of())));
                grown |= reached.addAll(further);
            }
        }
        return needs.keySet().stream()
                .filter(name -> needs.get(name).contains(name))
                .map(name -> needs.get(name).stream()
                        .filter(other -> needs.getOrDefault(other, Set.of()).contains(name))
                        .collect(Collectors.<String, Set<String>>toCollection(TreeSet::new)))
                .distinct()
                .toList();
    }

    private static String packageOf(String name) {
        int member = name.indexOf('#');
        String type = member < 0 ? name : name.substring(0, member);
        return type.substring(0, Math.max(0, type.lastIndexOf('.')));
    }
}
