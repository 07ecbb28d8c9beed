"""Likes can be taken back: a kind of action of its own."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0013_user_language'),
        ('automation', '0005_comparisons_ghosts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='attempt',
            name='attempt_names_its_post',
        ),
        migrations.RemoveConstraint(
            model_name='attempt',
            name='attempt_kind_known',
        ),
        migrations.RemoveConstraint(
            model_name='batch',
            name='batch_kind_known',
        ),
        migrations.AlterField(
            model_name='attempt',
            name='kind',
            field=models.CharField(choices=[('follow', 'Follow'), ('unfollow', 'Unfollow'), ('remove', 'Remove follower'), ('like', 'Like'), ('unlike', 'Take like back'), ('comment', 'Comment')], max_length=10),
        ),
        migrations.AlterField(
            model_name='batch',
            name='kind',
            field=models.CharField(choices=[('follow', 'Follow'), ('unfollow', 'Unfollow'), ('remove', 'Remove follower'), ('like', 'Like'), ('unlike', 'Take like back'), ('comment', 'Comment')], max_length=10),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['like', 'unlike', 'comment']), ('post_pk__isnull', False)), models.Q(('kind__in', ['follow', 'unfollow', 'remove']), ('post_pk', None)), _connector='OR'), name='attempt_names_its_post'),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['follow', 'unfollow', 'remove', 'like', 'unlike', 'comment'])), name='attempt_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['follow', 'unfollow', 'remove', 'like', 'unlike', 'comment'])), name='batch_kind_known'),
        ),
    ]
