/* libyaml: the library's yaml.h, whose name our own header hides on the include path.
 *
 * Include as <libyaml.h>: found by -Icommon, so that #include_next goes on behind common/. */
#ifndef TOCSIN_LIBYAML_H
#define TOCSIN_LIBYAML_H

#include_next <yaml.h>

#endif
