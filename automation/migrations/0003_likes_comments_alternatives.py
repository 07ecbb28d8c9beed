"""Likes and comments with budgets of their own, once a post; accounts that belong to one person."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('automation', '0002_starts_undoes_left_out'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AlternativeAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('target_pk', models.BigIntegerField()),
                ('note', models.CharField(blank=True, default='', max_length=200)),
                ('added_at', models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='attempt',
            name='attempt_kind_known',
        ),
        migrations.RemoveConstraint(
            model_name='batch',
            name='batch_kind_known',
        ),
        migrations.RemoveConstraint(
            model_name='item',
            name='item_excluded_has_a_reason',
        ),
        migrations.AddField(
            model_name='attempt',
            name='post_pk',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='item',
            name='text',
            field=models.CharField(blank=True, default='', max_length=2200),
        ),
        migrations.AddField(
            model_name='writepace',
            name='comments_per_day',
            field=models.PositiveSmallIntegerField(default=12),
        ),
        migrations.AddField(
            model_name='writepace',
            name='comments_per_hour',
            field=models.PositiveSmallIntegerField(default=3),
        ),
        migrations.AddField(
            model_name='writepace',
            name='likes_per_day',
            field=models.PositiveSmallIntegerField(default=120),
        ),
        migrations.AddField(
            model_name='writepace',
            name='likes_per_hour',
            field=models.PositiveSmallIntegerField(default=20),
        ),
        migrations.AlterField(
            model_name='attempt',
            name='kind',
            field=models.CharField(choices=[('follow', 'Follow'), ('unfollow', 'Unfollow'), ('remove', 'Remove follower'), ('like', 'Like'), ('comment', 'Comment')], max_length=10),
        ),
        migrations.AlterField(
            model_name='batch',
            name='kind',
            field=models.CharField(choices=[('follow', 'Follow'), ('unfollow', 'Unfollow'), ('remove', 'Remove follower'), ('like', 'Like'), ('comment', 'Comment')], max_length=10),
        ),
        migrations.AlterField(
            model_name='item',
            name='exclusion',
            field=models.CharField(blank=True, choices=[('safelist', 'On a safelist'), ('follows_you', 'Already follows you'), ('private', 'Private account'), ('recently', 'Followed not long ago'), ('elsewhere', 'In another batch that is not over'), ('cap', 'More than a batch may hold'), ('outside_budget', "More than a week's budget"), ('not_accessible', 'Not known here, or not to be reached'), ('yourself', 'The login itself'), ('by_hand', 'Left out by a person'), ('alternative', 'You know another account of theirs'), ('done_before', 'Done under this post before')], default='', max_length=20),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['intent', 'sent', 'done', 'unknown'])), fields=('login', 'kind', 'post_pk'), name='attempt_post_once'),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['like', 'comment']), ('post_pk__isnull', False)), models.Q(('kind__in', ['follow', 'unfollow', 'remove']), ('post_pk', None)), _connector='OR'), name='attempt_names_its_post'),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['follow', 'unfollow', 'remove', 'like', 'comment'])), name='attempt_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['follow', 'unfollow', 'remove', 'like', 'comment'])), name='batch_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='item',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('exclusion__in', ['safelist', 'follows_you', 'private', 'recently', 'elsewhere', 'cap', 'outside_budget', 'not_accessible', 'yourself', 'by_hand', 'alternative', 'done_before']), ('state', 'excluded')), models.Q(models.Q(('state', 'excluded'), _negated=True), ('exclusion', '')), _connector='OR'), name='item_excluded_has_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='writepace',
            constraint=models.CheckConstraint(condition=models.Q(('likes_per_hour__range', (1, 60)), ('likes_per_day__range', (1, 500))), name='write_pace_likes_ceiling'),
        ),
        migrations.AddConstraint(
            model_name='writepace',
            constraint=models.CheckConstraint(condition=models.Q(('comments_per_hour__range', (1, 10)), ('comments_per_day__range', (1, 50))), name='write_pace_comments_ceiling'),
        ),
        migrations.AddField(
            model_name='alternativeaccount',
            name='added_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='alternativeaccount',
            name='workspace',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.workspace'),
        ),
        migrations.AddIndex(
            model_name='alternativeaccount',
            index=models.Index(fields=['workspace', 'person', 'target_pk'], name='alternative_of_person'),
        ),
        migrations.AddConstraint(
            model_name='alternativeaccount',
            constraint=models.UniqueConstraint(fields=('workspace', 'target_pk'), name='alternative_one_person'),
        ),
        migrations.AddConstraint(
            model_name='alternativeaccount',
            constraint=models.CheckConstraint(condition=models.Q(('target_pk__gt', 0)), name='alternative_target_is_a_person'),
        ),
    ]
